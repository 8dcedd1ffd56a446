"""What our own code leaves alone since it is dangerous. Where it is done all the same is a list, with why it is safe;
a new place is a decision: write it here."""

import ast
import re

import pytest
from django.conf import settings

ROOMS = ("articles", "members", "newsroom")
# A program of its own, for the demo and tests alone: no site runs or imports it, and it imports nothing of the site's
# (pyproject.toml, "The sandbox stands alone"). What starts it is looked at like all others.
SANDBOX, STARTS_IT = "members/billing/sandbox/", "members/billing/sandbox/process.py"

# Modules that open a connection to another process or machine -> whom they speak with. No other address is ever asked,
# and none that a reader, a file or an editor names.
SPEAKERS = {
    "members/crawlers.py": "the machine's resolver, about who a robot is, where the newsroom named its domain",
    "members/emails.py": "the mail server of EMAIL_URL",
    "members/billing/client.py": "Stripe; the sandbox on this machine where STRIPE_API_BASE names it",
    "newsroom/ground/keys.py": "the Redis of REDIS_URL",
    "articles/reading/shared.py": "the Redis of REDIS_URL",
    "newsroom/management/commands/_readiness.py": "a port of this machine, before it is served",
    "newsroom/management/commands/_together.py": "a port of this machine, to see whether the demo's server is open",
}
SPEAKING = (
    "socket", "ssl", "http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib",
    "poplib", "imaplib", "telnetlib", "xmlrpc", "asyncio", "redis", "django.core.mail", "stripe",
)  # fmt: skip
# Modules that start a program -> what of it comes from outside.
STARTERS = {
    "members/billing/sandbox/process.py": "a file, an address and a secret of the demo's own, as a list of arguments",
    "newsroom/management/commands/_together.py": "nothing: our own commands, as a list of arguments",
    "newsroom/management/commands/serve.py": "host and port as the operator typed them, as a list of arguments",
}
STARTING = re.compile(r"os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*)|pty\.\w+|subprocess\.\w+")
# What makes code of a text, and what takes apart text that may be code.
MAKES_CODE = re.compile(
    r"eval|exec|compile|__import__|(builtins\.\w+)|yaml\.(load|full_load|unsafe_load)\w*|.*\.from_string|Template|Engine"
)
DANGEROUS_FORMATS = ("pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "code", "codeop")
XML = (
    "xml.etree", "xml.dom", "xml.sax.expatreader", "xml.sax.parse", "xml.sax.parseString", "lxml", "xmltodict", "bs4",
)  # fmt: skip
# Modules that write SQL themselves -> why what is typed cannot become a part of it.
SQL = {
    "newsroom/ground/limits.py": "values are parameters; what is formatted are names of ours",
    "members/billing/inbox.py": "values are parameters; what is formatted are names of ours",
    "newsroom/ground/counters.py": "values are parameters",
    "newsroom/ground/stamps.py": "a number of ours",
    "newsroom/ground/cache.py": "values are parameters; the table is named by the settings",
    "newsroom/ground/prepared.py": "Django's own SQL; values are parameters",
    "articles/reading/shared.py": "values are parameters; a number of ours",
    "articles/importing/ledger.py": "a scratch file of the import's own; values are parameters",
    "articles/importing/results.py": "a scratch file of the import's own; values are parameters",
    "articles/importing/rehearsal.py": "a scratch file of the import's own; values are parameters",
}
# Modules that call a text HTML -> why it is.
HTML = {
    "articles/reading/page.py": "marks of holes, and blocks that were sanitised when they were read",
    "articles/reading/parts/cards.py": "a rendered template",
    "articles/reading/parts/frame.py": "rendered templates",
    "articles/reading/parts/schema.py": "JSON with <, > and & escaped",
    "articles/desk/plan.py": "blocks, sanitised when they were read, drawn as readers' pages draw them",
    "articles/desk/stories.py": "a body, sanitised when it was saved",
    "articles/desk/editor.py": "formatted with everything escaped",
    "members/accounts/admin/accounts.py": "formatted with everything escaped",
    "members/accounts/factors/adapter.py": "formatted with everything escaped",
}
# Modules whose functions put a pattern together -> of what.
PATTERNS = {"articles/importing/boilerplate.py": "phrases of its own list, escaped"}
# Modules that fill a form of words which is not written where it is filled -> which.
FORMATS = {"newsroom/ground/limits.py": "SQL of its own, filled with the name of a table"}
CIPHERS = {"Fernet", "InvalidToken", "MultiFernet", "HKDF", "SHA256"}
# Templates that pass something on as HTML -> what it is.
PASSES_ON = {"members/_fields.html": "the help texts of Django's and our own forms, none of which holds what was typed"}
# Strong digests and dice alone.
DIGESTS = {"sha256", "blake2b", "file_digest"}
# Where a page's script writes HTML: the desk's own answer, a template in which everything typed is escaped.
WRITES_HTML = {"desk/who_reads.js"}


def modules():
    """(path, syntax tree) of each module of ours."""
    for room in ROOMS:
        for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
            name = path.relative_to(settings.BASE_DIR).as_posix()
            if "migrations" not in path.parts and (name == STARTS_IT or not name.startswith(SANDBOX)):
                yield name, ast.parse(path.read_text())


def imported(tree):
    """What a module imports, by whole names: "socket", "django.core.mail.EmailMessage"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(tree, names):
    return any(one == name or one.startswith(f"{name}.") for one in imported(tree) for name in names)


def calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def named(call):
    return ast.unparse(call.func)


def scripts():
    for path in sorted((settings.BASE_DIR / "static").rglob("*.js")):
        yield path.relative_to(settings.BASE_DIR / "static").as_posix(), path.read_text()


def test_only_the_listed_modules_speak_with_other_machines():
    found = {path for path, tree in modules() if imports(tree, SPEAKING)}
    assert found == set(SPEAKERS)


def test_programs_are_started_by_lists_of_arguments_and_never_through_a_shell():
    found = {path for path, tree in modules() if any(STARTING.fullmatch(named(call)) for call in calls(tree))}
    assert found == set(STARTERS)
    for path, tree in modules():
        for call in calls(tree):
            assert not any(one.arg == "shell" for one in call.keywords), path
            assert not re.fullmatch(r"os\.(system|popen)", named(call)), path


def test_no_text_is_made_into_code_or_into_a_template():
    for path, tree in modules():
        for call in calls(tree):
            assert not MAKES_CODE.fullmatch(named(call)), f"{path}: {named(call)}"


def test_nothing_is_unpickled_and_front_matter_makes_no_objects():
    for path, tree in modules():
        assert not imports(tree, DANGEROUS_FORMATS), path
        if imports(tree, ["yaml"]):
            loaders = re.findall(r"\w*Loader\b", ast.unparse(tree))
            assert set(loaders) <= {"Loader", "CBaseLoader", "BaseLoader"}, path


def test_no_xml_is_read():
    for path, tree in modules():
        assert not imports(tree, XML), path


def test_only_the_listed_modules_write_sql_and_none_asks_raw_questions():
    """What they write is looked at by `make lint` (S608); all other questions are made by Django's models."""
    executing = {
        path
        for path, tree in modules()
        if any(re.search(r"\.(execute|executemany|executescript|cursor)$", named(call)) for call in calls(tree))
        or "as_sql" in ast.unparse(tree)
    }
    assert executing == set(SQL)
    for path, tree in modules():
        for call in calls(tree):
            assert not re.search(r"(^|\.)(RawSQL|raw|extra)$", named(call)), f"{path}: {named(call)}"


def test_only_the_listed_modules_call_a_text_html():
    found = {
        path
        for path, tree in modules()
        if any(re.search(r"(^|\.)(mark_safe|format_html|format_html_join|SafeString)$", named(c)) for c in calls(tree))
    }
    assert found == set(HTML)


def test_templates_of_pages_escape_whatever_they_are_given():
    looked = 0
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        trusting = re.search(r"\|\s*(safe|safeseq)\b|autoescape off", path.read_text())
        assert not trusting or path.relative_to(settings.BASE_DIR / "templates").as_posix() in PASSES_ON, path
        looked += 1
    assert looked > 50


def test_patterns_are_ours_and_not_made_of_what_is_typed():
    """What a function looks for by a regular expression is written there, or made of constants and escaped words; what
    a module makes when it is loaded knows of nothing that was typed."""
    for path, tree in modules():
        if path in PATTERNS:
            continue
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in calls(function):
                if re.fullmatch(r"re\.(compile|match|fullmatch|search|subn?|split|findall|finditer)", named(call)):
                    for word in made_of(call.args[0]):
                        assert word.startswith("re.escape(") or re.fullmatch(r"_?[A-Z_]+", word), f"{path}: {word}"


def made_of(pattern):
    """The expressions in a pattern that are not written out."""
    parts = pattern.values if isinstance(pattern, ast.JoinedStr) else [pattern]
    return [
        ast.unparse(part.value if isinstance(part, ast.FormattedValue) else part)
        for part in parts
        if not isinstance(part, ast.Constant)
    ]


def test_digests_are_strong_and_dice_cannot_be_guessed():
    for path, tree in modules():
        assert not imports(tree, ["random", "uuid"]), path
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "hashlib":
                assert node.attr in DIGESTS, f"{path}: {node.attr}"
            if isinstance(node, ast.Call) and named(node) == "salted_hmac":
                said = {one.arg: ast.unparse(one.value) for one in node.keywords}
                assert said.get("algorithm") == "'sha256'", path


def test_ciphers_are_those_of_one_library_and_stand_in_one_module():
    """Fernet alone: AES in CBC, then HMAC with SHA-256; its key is derived by HKDF."""
    using = {path: tree for path, tree in modules() if imports(tree, ["cryptography", "Crypto", "nacl"])}
    assert set(using) == {"newsroom/ground/seal.py"}
    for tree in using.values():
        names = [one.rpartition(".")[2] for one in imported(tree) if one.startswith("cryptography.")]
        assert {name for name in names if name[0].isupper()} == CIPHERS


def test_no_form_of_words_that_is_filled_was_typed():
    for path, tree in modules():
        for call in calls(tree):
            filled = isinstance(call.func, ast.Attribute) and call.func.attr in ("format", "format_map")
            if filled and not isinstance(call.func.value, ast.Constant) and "Formatter" not in ast.unparse(call):
                assert path in FORMATS, f"{path}: {ast.unparse(call)}"


def test_no_secret_stands_in_the_code():
    key = re.compile(r"sk_(live|test)_\w{8}|AKIA\w{8}|BEGIN [A-Z ]*PRIVATE KEY|ghp_\w{8}|xox[bp]-\w{8}")
    for room in (*ROOMS, "templates", "static", "seeds"):
        for path in (settings.BASE_DIR / room).rglob("*"):
            if path.suffix in {".py", ".js", ".html", ".txt", ".md", ".json"}:
                assert not key.search(path.read_text()), path


def test_scripts_write_text_as_text_and_keep_nothing_in_the_browser():
    forbidden = re.compile(
        r"\beval\(|new Function|document\.write|insertAdjacentHTML|(?:inner|outer)HTML\s*\+?=[^=]|postMessage"
        r"|onmessage|localStorage|sessionStorage|indexedDB|document\.cookie|caches\.|serviceWorker|__proto__|javascript:"
    )
    found = {name for name, text in scripts() if forbidden.search(text)}
    assert found == WRITES_HTML


def test_scripts_merge_nothing_that_was_sent_into_objects():
    """A key that somebody else names is never written to an object: prototypes cannot be reached."""
    written = re.compile(r"\w\[(?!\d)[\w.$]+\]\s*(?:\+|-|\|\|)?=[^=]")
    for name, text in scripts():
        lines = [line for line in text.splitlines() if written.search(line)]
        assert all("words[n]" in line for line in lines), name
        assert not re.search(r"Object\.assign\([^)]*(json|parse|answer)", text), name


@pytest.mark.parametrize("word", ["onpaste", "oncopy", "user-scalable=no", 'autocomplete="off"'])
def test_nothing_keeps_readers_from_pasting_and_password_managers_from_filling(word):
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        assert word not in path.read_text(), path
    for name, text in scripts():
        if name.startswith("js/"):
            assert "paste" not in text, name


def test_all_that_is_installed_is_pinned_and_known_by_its_digest():
    """requirements.txt is the list of all that comes along, directly or not."""
    text = (settings.BASE_DIR / "requirements.txt").read_text()
    entries = re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    wanted = re.findall(r'^  "([\w.-]+)', (settings.BASE_DIR / "pyproject.toml").read_text(), re.MULTILINE)
    names = set()
    for entry in filter(str.strip, entries):
        found = re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==[\w.!+-]+ ", entry)
        assert found, entry
        assert "--hash=sha256:" in entry, entry
        names.add(found[1].lower())
    assert len(names) > 40
    assert {name.lower() for name in wanted if name.lower() in {"django", "django-allauth", "pillow", "nh3"}} <= names
    assert not re.search(r"^(-i|--index-url|--extra-index-url|--find-links|git\+)", text, re.MULTILINE)
