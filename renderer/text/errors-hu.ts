import type { ErrorCode } from '#shared/errors/error-codes.ts';
import type { ErrorSentence } from './errors.ts';

/** The cashier's sentence for every failure, in Hungarian. */
export const errorSentencesHu: Readonly<Record<ErrorCode, ErrorSentence>> = {
	'SCAN-101': { title: 'Ez nem kártya', body: 'Olvassa be a tag kártyáját, vagy írjon be számot, telefont, e-mailt vagy nevet.' },
	'SCAN-102': { title: 'Nem sikerült tisztán leolvasni', body: 'Olvassa be újra, vagy írja be a vonalkód alatti számot.' },
	'SCAN-103': { title: 'Ez kupon, nem tagkártya', body: 'A kupont a pénztárnál használja fel, ide a tag kártyáját olvassa be.' },
	'SCAN-104': { title: 'Ez könyv vagy újság', body: 'A pénztárgéphez tartozik. Ide a tag kártyáját olvassa be.' },
	'MEMBER-101': { title: 'Ez a kártya még nincs ezen a terminálon', body: 'A pont így is adható; a központ megtalálja hozzá a tagot.' },
	'MEMBER-102': {
		title: 'Ez a kártya le van tiltva',
		body: 'Elveszettként jelentették vagy kicserélték, ezért nem gyűjt. Kérje az új kártyát, vagy keressen telefonra, névre.',
	},
	'MEMBER-103': { title: 'A tagság fel van függesztve', body: 'Most nem adható pont. Az üzletvezető a központtól kérdezheti meg az okát.' },
	'MEMBER-104': { title: 'Ez a tag már nincs itt', body: 'A tagságot az imént összevonták vagy megszüntették. Olvassa be újra a kártyát.' },
	'MEMBER-105': { title: 'A tagok betöltése még tart', body: 'Kártyaszámra már adható pont; a nevek a betöltés végén jönnek.' },
	'SALE-101': { title: 'Hiányzik az összeg', body: 'Írja be a nyugta végösszegét. Semmi sem lett rögzítve.' },
	'SALE-102': {
		title: 'Hiányzik a nyugtaszám',
		body: 'Írja be vagy olvassa le, ahogy rá van nyomtatva: betű, szám, kötőjel, perjel vagy pont.',
	},
	'SALE-103': {
		title: 'Erre a nyugtára ma már járt pont',
		body: 'Ellenőrizze a számot. Ha valóban másik vásárlás, jelezze, és a pont jár érte.',
	},
	'SALE-104': { title: 'Ez nem a program pénzneme', body: 'Pont nem adható érte. Szóljon az üzletvezetőnek.' },
	'SALE-105': { title: 'Ilyen nyugta itt nincs', body: 'Ellenőrizze a számot. Más terminál eladását ott kell visszavenni, ahol történt.' },
	'SALE-106': { title: 'Ez több, mint ami az eladásból maradt', body: 'Ellenőrizze az összeget; lehet, hogy egy részét már visszavették.' },
	'SALE-107': { title: 'Már úton van a központba', body: 'Itt már nem vonható vissza. Vegye vissza az árut: F6.' },
	'ENROL-101': { title: 'Ez a kártya már valakié', body: 'Vegyen elő másik kártyát. Semmi sem lett rögzítve.' },
	'ENROL-102': { title: 'Valami hiányzik', body: 'A taghoz kártya, keresztnév és mobilszám vagy e-mail-cím kell.' },
	'ENROL-103': { title: 'A feltételeket nem fogadták el', body: 'Kérdezze meg a vásárlót; nélkülük nem léphet be.' },
	'ENROL-104': { title: 'Az elérhetőség nem jónak tűnik', body: 'Egyeztesse a taggal a mobilszámot vagy az e-mail-címet.' },
	'ENROL-105': { title: 'A terminál kártyaszámai elfogytak', body: 'Olvasson be nyomtatott kártyát, és szóljon az üzletvezetőnek.' },
	'OUTBOX-101': { title: 'Ez a tétel közben megváltozott', body: 'A lista a mostani állapotát mutatja. Semmi sem veszett el.' },
	'SESSION-101': { title: 'Nem jó a PIN', body: 'Próbálja újra.' },
	'SESSION-102': { title: 'Túl sok hibás PIN', body: 'Várjon egy percet, vagy oldja fel egy kollégája.' },
	'SESSION-104': { title: 'Ehhez üzletvezető kell', body: 'F10, majd az üzletvezető a saját PIN-kódjával feloldja, és elvégzi.' },
	'SESSION-103': { title: 'A terminál zárolva van', body: 'Előbb oldja fel; a munkája megmarad.' },
	'LINE-101': { title: 'A központ nem érhető el', body: 'Dolgozzon tovább: minden megmarad a terminálon, és később elmegy.' },
	'LINE-102': { title: 'A központ nem válaszolt időben', body: 'Dolgozzon tovább: magától újrapróbálja.' },
	'LINE-103': { title: 'A központ most foglalt', body: 'Dolgozzon tovább: megmondta, mikor próbáljuk újra.' },
	'LINE-104': {
		title: 'A központ nem ismeri a terminál kulcsát',
		body: 'Dolgozzon tovább; minden eladás megmarad. Az informatikának újra kell párosítania.',
	},
	'LINE-105': { title: 'Ezt a terminált kivonták', body: 'Hívja az informatikát. Amit rögzített, megmarad a központnak.' },
	'LINE-106': { title: 'A párosító kód nem jó', body: 'Elírás, már felhasznált vagy tíz percnél régebbi. Kérjen újat a központtól.' },
	'LINE-107': {
		title: 'A központ újabb verziót használ',
		body: 'Dolgozzon tovább; minden eladás megmarad. Az informatikának frissítenie kell.',
	},
	'LINE-108': { title: 'A tagok újratöltése folyik', body: 'Nincs teendő, és semmi sem veszett el.' },
	'DISK-101': { title: 'Megtelt a lemez', body: 'Ez nem lett rögzítve. A korábbiak biztonságban vannak. Hívja most az informatikát.' },
	'DISK-102': {
		title: 'A lemez nem engedte az írást',
		body: 'Ez nem lett rögzítve. A korábbiak biztonságban vannak. Hívja most az informatikát.',
	},
	'DISK-103': {
		title: 'A terminál adatai megsérültek',
		body: 'Leállt, hogy ne romoljon tovább. Hívja most az informatikát, az eladásokat írja papírra.',
	},
	'DISK-104': {
		title: 'Az adatok újabb verzióból valók',
		body: 'Az informatikának azt a verziót kell visszatelepítenie. Semmi sem veszett el.',
	},
	'DISK-105': { title: 'Az adatokat másik ablak használja', body: 'Zárja be a másik Regulars ablakot, majd indítsa újra ezt.' },
	'DISK-106': { title: 'Egy fájl nem érkezett meg egészben', body: 'Magától újra lekéri. Semmi sem veszett el.' },
	'BRIDGE-101': {
		title: 'Az ablak és a terminál nem érti egymást',
		body: 'Indítsa újra a Regularst. Ha marad a hiba, szóljon az informatikának. Semmi sem veszett el.',
	},
	'BRIDGE-102': { title: 'A terminál nem válaszolt', body: 'Nyomjon Entert az újrapróbáláshoz: kétszer sosem számít.' },
	'INTERNAL-101': {
		title: 'Hiba történt a programban',
		body: 'Próbálja újra; mondja meg az informatikának az időpontot. Ami késznek látszott, az kész.',
	},
};
