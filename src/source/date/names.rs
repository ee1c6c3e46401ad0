//! Words of dates in the languages that are read: months, days of the week, and what stands around a day.

/// What each month is called, whole and cut short.
pub(super) const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "janvier", "janv", "enero", "ene", "janeiro", "januar", "jänner"],
    &["february", "feb", "février", "févr", "fév", "febrero", "fevereiro", "fev", "februar", "feber"],
    &["march", "mar", "mars", "marzo", "março", "märz", "mär", "mrz"],
    &["april", "apr", "avril", "avr", "abril", "abr"],
    &["may", "mai", "mayo", "maio"],
    &["june", "jun", "juin", "junio", "junho", "juni"],
    &["july", "jul", "juillet", "juil", "julio", "julho", "juli"],
    &["august", "aug", "août", "aout", "agosto", "ago"],
    &["september", "sep", "sept", "septembre", "septiembre", "setiembre", "setembro", "set"],
    &["october", "oct", "octobre", "octubre", "outubro", "out", "oktober", "okt"],
    &["november", "nov", "novembre", "noviembre", "novembro"],
    &["december", "dec", "décembre", "déc", "diciembre", "dic", "dezembro", "dez", "dezember"],
];

/// Days of the week, whole and cut short. They say nothing that the day does not say. `mar`, which is March as well, is left out.
pub(super) const WEEKDAYS: &[&str] = &[
    "monday",
    "mon",
    "tuesday",
    "tue",
    "tues",
    "wednesday",
    "wed",
    "thursday",
    "thu",
    "thur",
    "thurs",
    "friday",
    "fri",
    "saturday",
    "sat",
    "sunday",
    "sun",
    "lundi",
    "lun",
    "mardi",
    "mercredi",
    "mer",
    "jeudi",
    "jeu",
    "vendredi",
    "ven",
    "samedi",
    "sam",
    "dimanche",
    "dim",
    "lunes",
    "martes",
    "miércoles",
    "mié",
    "jueves",
    "jue",
    "viernes",
    "vie",
    "sábado",
    "sáb",
    "domingo",
    "dom",
    "segunda",
    "terça",
    "quarta",
    "quinta",
    "sexta",
    "feira",
    "seg",
    "ter",
    "qua",
    "qui",
    "sex",
    "montag",
    "mo",
    "dienstag",
    "di",
    "mittwoch",
    "mi",
    "donnerstag",
    "do",
    "freitag",
    "fr",
    "samstag",
    "sa",
    "sonnabend",
    "sonntag",
    "so",
];

/// Words between the parts of a date.
pub(super) const BETWEEN: &[&str] = &["de", "del", "of", "the", "le", "den", "el", "o", "dia", "día"];

/// What follows the number of a day.
pub(super) const ORDINALS: &[&str] = &["st", "nd", "rd", "th", "er", "º", "ª"];

/// What stands before the last day of a deadline; longer ones first.
pub(super) const BEFORE: &[&str] = &[
    "no later than",
    "not later than",
    "at the latest",
    "on or before",
    "by the",
    "due by",
    "due on",
    "before",
    "until",
    "till",
    "by",
    "due",
    "on",
    "latest",
    "au plus tard le",
    "au plus tard",
    "d'ici le",
    "d'ici au",
    "avant le",
    "avant",
    "jusqu'au",
    "pour le",
    "a más tardar el",
    "antes del",
    "antes de",
    "hasta el",
    "hasta",
    "para el",
    "até o dia",
    "até dia",
    "até",
    "até ao dia",
    "bis spätestens",
    "spätestens am",
    "spätestens",
    "bis zum",
    "bis",
    "am",
];

/// Those of them that stand before any day.
pub(super) const ON: &[&str] = &["on", "am"];

/// What stands behind the last day of a deadline.
pub(super) const BEHIND: &[&str] =
    &["までに", "まで", "迄", "之前", "以前", "前", "at the latest", "latest", "eod", "eob", "cob"];

/// Names of time zones and halves of a day, as they stand behind a time.
pub(super) const CLOCK: &[&str] = &[
    "z", "utc", "gmt", "am", "pm", "a", "m", "p", "h", "uhr", "cet", "cest", "bst", "ist", "est", "edt",
    "cst", "cdt", "mst", "mdt", "pst", "pdt", "jst", "kst", "sgt", "aest", "aedt", "et", "pt", "ct", "mt",
    "wet", "west", "eet", "eest", "msk", "brt",
];
