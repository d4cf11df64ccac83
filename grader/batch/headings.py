"""What the columns of a class list are called, in the languages of schools and their LMS."""

from __future__ import annotations

from .persons import plain_letters

# A column's headings, and what it holds in a table of nobody's in particular.
COLUMNS: dict[str, tuple[str, ...]] = {
    "student": ("id", "student", "student id", "username", "user", "net id", "participant id"),
    "name": ("name", "full name", "student name", "display name"),
    "first": ("first name", "first", "given name", "given names", "forename"),
    "last": ("last name", "last", "surname", "family name"),
    "email": ("email", "email address", "mail", "email adress"),
    "section": ("section", "sections", "group", "groups", "class", "lab"),
    "lms_id": ("lms id", "identifier", "canvas id", "moodle id", "lms user id"),
    "sis_id": (
        *("sis id", "sis user id", "id number", "student number", "matriculation number"),
        *("org defined id", "sid", "student no", "matriculation no", "registration number"),
        *("registration no", "roll number", "roll no", "enrolment number", "enrolment no"),
        *("enrollment number", "enrollment no"),
    ),
    "login": (
        *("login", "login id", "sis login id", "github username", "github"),
        *("username", "user", "net id"),
    ),
    "number": ("number", "no", "num"),
    "role": ("role", "roles"),
}
# The same elsewhere, where a school or its Moodle speaks another language.
ABROAD = {
    "name": (
        *("vollständiger name", "nom complet", "nombre completo", "nome completo", "nome", "naam"),
        *("imię i nazwisko", "ad soyad", "adı soyadı", "фио", "姓名", "氏名", "名前", "이름"),
    ),
    "first": ("vorname", "prénom", "nombre", "voornaam", "imię", "ad", "adı", "имя", "名"),
    "last": (
        *("nachname", "nom de famille", "nom", "apellidos", "apellido", "cognome", "sobrenome"),
        *("achternaam", "nazwisko", "soyad", "soyadı", "фамилия", "姓"),
    ),
    "email": (
        *("e-mail-adresse", "adresse de courriel", "courriel", "dirección de correo"),
        *("correo electrónico", "e-mailadres", "e-posta", "邮箱", "メールアドレス", "이메일"),
    ),
    "section": (
        *("gruppe", "gruppen", "groupe", "groupes", "grupo", "grupos", "gruppo", "turma"),
        *("groep", "grupa", "группа", "班级", "クラス"),
    ),
    "sis_id": (
        *("id-nummer", "matrikelnummer", "matrikelnr", "matr.-nr.", "studentnummer", "studentnr"),
        *("numéro d'identification", "numéro étudiant", "n° étudiant", "número de id"),
        *("matrícula", "número de matrícula", "nº de matrícula", "matricola"),
        *("numero di matricola", "nr albumu", "numer albumu", "öğrenci no", "öğrenci numarası"),
        *("номер студенческого билета", "学号", "学籍番号", "学生番号", "학번"),
    ),
    "login": (
        *("anmeldename", "benutzername", "nom d'utilisateur", "nombre de usuario", "nome utente"),
        *("gebruikersnaam", "用户名", "ユーザー名"),
    ),
    "role": ("rolle", "rollen", "rôle", "rôles", "rol", "ruolo", "ruoli"),
    "number": ("nr", "nummer", "numéro", "n°", "número", "nº", "序号", "番号", "번호"),
}
COLUMNS = {
    what: tuple(map(plain_letters, (*words, *ABROAD.get(what, ()))))
    for what, words in COLUMNS.items()
}
CANVAS = COLUMNS | {"student": (), "name": ("student",), "lms_id": ("id",)}
