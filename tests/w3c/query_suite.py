#!/usr/bin/env python3
"""Run the W3C SPARQL 1.0 / 1.1 (/1.2) query, update, syntax and results-format tests over HTTP against a live endpoint.

    query_suite.py --endpoint http://127.0.0.1:7878/query --update http://127.0.0.1:7878/update \
        --load update|gsp [--gsp http://127.0.0.1:7878/store] [--suites sparql10,sparql11] [--only part] [--accept json|xml] [-v]

The server's data is REPLACED before every test, through SPARQL Update (DROP ALL + INSERT DATA) or the Graph Store Protocol.
Result multisets are compared up to blank node renaming; numbers of one datatype are equal by value (count of tests that pass
only because of that is printed as 'by value').  Entailment, federation (SERVICE) and protocol suites are not run here.
"""
import argparse, pathlib, csv, io, json, re, sys, time, warnings, logging
import xml.etree.ElementTree as ET
from collections import Counter, OrderedDict, defaultdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import quote, urlsplit
import http.client
import rdflib
rdflib.NORMALIZE_LITERALS = False
from rdflib import RDF, BNode, Literal, URIRef
from rdflib.compare import isomorphic as _iso


def isomorphic(a, b):
    """RDF 1.1: "x" and "x"^^xsd:string are one term (rdflib keeps them apart)"""
    def plain(g):
        out = rdflib.Graph()
        for s, p, o in g:
            out.add((s, p, rdflib.Literal(str(o)) if isinstance(o, rdflib.Literal) and str(o.datatype).endswith("XMLSchema#string") else o))
        return out
    return _iso(plain(a), plain(b))
logging.getLogger("rdflib").setLevel(logging.CRITICAL); warnings.simplefilter("ignore")

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
RS = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
DT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#")
XSD = "http://www.w3.org/2001/XMLSchema#"
NUM = {XSD + x for x in "integer decimal float double int long short byte nonNegativeInteger unsignedInt positiveInteger".split()}
SKIP_DIRS = {"entailment", "service", "protocol", "service-description", "http-rdf-update", "graph-store-protocol"}


class Fail(Exception): pass


class Conn:
    """One keep-alive connection per host, reopened when the server closed it."""
    def __init__(self, timeout): self.c, self.timeout = {}, timeout
    def __call__(self, method, url, headers=None, body=None):
        u = urlsplit(url)
        for attempt in (0, 1):
            c = self.c.get(u.netloc) or http.client.HTTPConnection(u.hostname, u.port, timeout=self.timeout)
            self.c[u.netloc] = c
            try:
                c.request(method, u.path + ("?" + u.query if u.query else ""), body, headers or {})
                r = c.getresponse()
                return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
            except (http.client.HTTPException, ConnectionError, TimeoutError) as e:
                c.close(); self.c.pop(u.netloc, None)
                if attempt or isinstance(e, TimeoutError): raise


# ---- terms: ("uri", v) ("bnode", id) ("lit", lex, lang, datatype) ("triple", s, p, o) ----
def t_rdf(x):
    if isinstance(x, URIRef): return ("uri", str(x))
    if isinstance(x, BNode): return ("bnode", str(x))
    return ("lit", str(x), (x.language or "").lower(), str(x.datatype or (XSD + "string" if not x.language else "")))


def t_json(b):
    ty = b["type"]
    if ty == "uri": return ("uri", b["value"])
    if ty == "bnode": return ("bnode", b["value"])
    if ty == "triple": return ("triple",) + tuple(t_json(b["value"][k]) for k in ("subject", "predicate", "object"))
    lang = (b.get("xml:lang") or "").lower()
    if b.get("its:dir"): lang += "--" + b["its:dir"]
    return ("lit", b["value"], lang, "" if lang else b.get("datatype") or XSD + "string")


S = "{http://www.w3.org/2005/sparql-results#}"
def t_xml(e):
    tag = e.tag.replace(S, "")
    if tag == "uri": return ("uri", e.text or "")
    if tag == "bnode": return ("bnode", e.text or "")
    if tag == "triple": return ("triple",) + tuple(t_xml(e.find(S + k)[0]) for k in ("subject", "predicate", "object"))
    lang = (e.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower()
    d = e.get("{http://www.w3.org/2005/11/its}dir")
    if d: lang += "--" + d
    return ("lit", e.text or "", lang, "" if lang else e.get("datatype") or XSD + "string")


def parse_json(data):
    d = json.loads(data)
    if "boolean" in d: return d["boolean"]
    return d["head"].get("vars", []), [{k: t_json(v) for k, v in b.items()} for b in d["results"]["bindings"]]


def parse_xml(data):
    r = ET.fromstring(data)
    b = r.find(S + "boolean")
    if b is not None: return b.text.strip() == "true"
    vs = [v.get("name") for v in r.iter(S + "variable")]
    return vs, [{b.get("name"): t_xml(b[0]) for b in x.findall(S + "binding")} for x in r.iter(S + "result")]


def parse_tsv(data):
    lines = data.decode("utf-8").replace("\r\n", "\n").rstrip("\n").split("\n")
    vs = [v.strip().lstrip("?") for v in lines[0].split("\t")]
    rows = []
    for l in lines[1:]:
        row = {}
        for v, c in zip(vs, l.split("\t")):
            if c == "": continue
            if c.startswith("<"): row[v] = ("uri", c[1:-1])
            elif c.startswith("_:"): row[v] = ("bnode", c[2:])
            else:
                g = rdflib.Graph().parse(data=f"<urn:s> <urn:p> {c} .", format="turtle")
                row[v] = t_rdf(next(g.objects()))
        rows.append(row)
    return vs, rows


def parse_csv(data):
    r = list(csv.reader(io.StringIO(data.decode("utf-8"))))
    return r[0], [{k: c for k, c in zip(r[0], row)} for row in r[1:]]


def parse_rs(g):
    """DAWG result-set vocabulary in RDF; returns bool or (vars, rows, ordered)."""
    for s in g.subjects(RDF.type, RS.ResultSet):
        b = g.value(s, RS.boolean)
        if b is not None: return str(b) == "true"
        rows, ordered = [], False
        for sol in g.objects(s, RS.solution):
            row = {str(g.value(x, RS.variable)): t_rdf(g.value(x, RS.value)) for x in g.objects(sol, RS.binding)}
            ix = g.value(sol, RS.index)
            ordered |= ix is not None
            rows.append((int(ix) if ix is not None else 0, row))
        return [str(v) for v in g.objects(s, RS.resultVariable)], [r for _, r in sorted(rows, key=lambda x: x[0])], ordered
    return None


def norm(t):
    """value-normalised term for comparison"""
    if t[0] == "lit" and t[3] in NUM:
        try:
            v = float(t[1]) if t[3] in (XSD + "double", XSD + "float") else Decimal(t[1])
            if t[3] in (XSD + "double", XSD + "float"): return ("lit", float(f"{v:.6g}") if t[3].endswith("float") else v, t[2], t[3]) if v == v else t
            return ("lit", round(v, 12).normalize() if v.is_finite() else t[1], t[2], t[3])
        except (ValueError, InvalidOperation): return t
    if t[0] == "lit" and t[3] == XSD + "boolean": return ("lit", {"1": "true", "0": "false"}.get(t[1], t[1]), t[2], t[3])
    if t[0] == "triple": return ("triple",) + tuple(norm(x) for x in t[1:])
    return t


def bnodes(t):
    if t[0] == "bnode": return [t[1]]
    return [b for x in t[1:] for b in bnodes(x)] if t[0] == "triple" else []


def unify(a, b, m):
    """extend mapping m (dict, copied by the caller) so that term a equals b"""
    if a[0] != b[0]: return False
    if a[0] == "bnode":
        if a[1] in m: return m[a[1]] == b[1]
        if b[1] in m.values(): return False
        m[a[1]] = b[1]; return True
    if a[0] == "triple": return all(unify(x, y, m) for x, y in zip(a[1:], b[1:]))
    return a == b


def same_rows(A, B, ordered, lax, f):
    A = [{k: f(v) for k, v in r.items()} for r in A]; B = [{k: f(v) for k, v in r.items()} for r in B]
    if not lax and len(A) != len(B): return False
    hasb = lambda r: any(bnodes(v) for v in r.values())
    key = lambda r: tuple(sorted((k, str(v)) for k, v in r.items()))
    if ordered:
        m = {}
        for x, y in zip(A, B):
            if set(x) != set(y) or not all(unify(x[k], y[k], m) for k in x): return False
        return True
    ca, cb = Counter(key(r) for r in A if not hasb(r)), Counter(key(r) for r in B if not hasb(r))
    if lax:      # every distinct solution present, no more often than in the full result
        if set(ca) != set(cb) or any(cb[k] > ca[k] for k in cb): return False
    elif ca != cb: return False
    A, B = [r for r in A if hasb(r)], [r for r in B if hasb(r)]
    if lax: return bool(A) == bool(B)
    steps = [0]

    def search(i, used, m):
        if i == len(A): return True
        steps[0] += 1
        if steps[0] > 20000: return False
        for j, y in enumerate(B):
            if j in used or set(A[i]) != set(y): continue
            mm = dict(m)
            if all(unify(A[i][k], y[k], mm) for k in y) and search(i + 1, used | {j}, mm): return True
        return False
    return search(0, frozenset(), {})


RDF_EXT = {".ttl": "turtle", ".rdf": "xml", ".nt": "nt", ".n3": "n3", ".nq": "nquads", ".trig": "trig"}


def local(uri): return Path(uri[len("file://"):])


def load_rdf(uri, publicID=None):
    p = local(str(uri))
    return rdflib.Graph().parse(p, format=RDF_EXT.get(p.suffix, "turtle"), publicID=publicID or str(uri))


def nt(g):
    def term(x):
        return x.n3() if not isinstance(x, BNode) else "_:b" + re.sub(r"\W", "", str(x))
    out = []
    for s, p, o in g:
        if isinstance(o, Literal):
            lex = str(o).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
            o_ = f'"{lex}"' + (f"@{o.language}" if o.language else f"^^<{o.datatype}>" if o.datatype else "")
        else: o_ = term(o)
        out.append(f"{term(s)} <{p}> {o_} .")
    return "\n".join(out)


class Runner:
    def __init__(self, a):
        self.a, self.http = a, Conn(a.timeout)
        self.res, self.byvalue, self.times = OrderedDict(), [], []
        self.auth = {"Authorization": "Bearer " + a.token} if a.token else {}

    def update(self, text, what="update"):
        st, h, d = self.http("POST", self.a.update, {"Content-Type": "application/sparql-update", **self.auth}, text.encode())
        return st, d

    held = None

    def load(self, default, named, key=None):
        """default: list of graphs merged; named: list of (iri, graph); key: what they were read from"""
        a = self.a
        if a.load == "insert-where":     # for stores whose INSERT DATA into the default graph is broken (rdflib 7.6.0 Dataset)
            parts = ["DROP ALL"]
            if any(len(g) for g in default): parts.append("INSERT {\n" + "\n".join(nt(g) for g in default) + "\n} WHERE {}")
            for i, g in named: parts.append(f"CREATE SILENT GRAPH <{i}>" if not len(g) else f"INSERT {{ GRAPH <{i}> {{\n{nt(g)}\n}} }} WHERE {{}}")
            for p in parts:
                st, d = self.update(p)
                if st >= 300: raise Fail(f"LOAD {st} {d[:150]!r}")
        elif a.load == "update":
            parts = ["DROP ALL"]
            if any(len(g) for g in default): parts.append("INSERT DATA {\n" + "\n".join(nt(g) for g in default) + "\n}")
            for i, g in named: parts.append(f"CREATE SILENT GRAPH <{i}>" if not len(g) else f"INSERT DATA {{ GRAPH <{i}> {{\n{nt(g)}\n}} }}")
            # One request, and none where the server has that data already: the files by their names, as node labels differ.
            whole = " ;\n".join(parts)
            if key is not None and key == self.held: return
            self.held = None
            st, d = self.update(whole)
            if st >= 300: raise Fail(f"LOAD {st} {d[:150]!r}")
            self.held = key
        else:
            st, d = self.update("DROP ALL") if a.update else (0, b"")
            if not a.update:
                for i in getattr(self, "loaded", []): self.http("DELETE", f"{a.gsp}?graph={quote(i, safe='')}", self.auth)
            self.loaded = [i for i, _ in named]
            for tgt, g in [("default", "\n".join(nt(g) for g in default))] + [("graph=" + quote(i, safe=""), nt(g)) for i, g in named]:
                st, h, d = self.http("PUT", f"{a.gsp}?{tgt}", {"Content-Type": "application/n-triples", **self.auth}, g.encode())
                if st >= 300: raise Fail(f"LOAD PUT {st} {d[:150]!r}")

    def ask(self, query, accept):
        t = time.perf_counter()
        r = self.http("POST", self.a.endpoint, {"Content-Type": "application/sparql-query", "Accept": accept, **self.auth}, query.encode())
        self.times.append(time.perf_counter() - t)
        return r

    def with_base(self, text, uri):
        return text if re.search(r"(?im)^\s*BASE\s+<", text) else f"BASE <{uri}>\n{text}"

    def query_test(self, g, t, kind):
        act = g.value(t, MF.action)
        quri = g.value(act, QT.query)
        text = local(str(quri)).read_text(encoding="utf-8")
        default = [load_rdf(d) for d in sorted(g.objects(act, QT.data))]
        named, sources = [], []
        for d in g.objects(act, QT.graphData):
            src, lab = (d, d) if isinstance(d, URIRef) else (g.value(d, QT.graph), g.value(d, rdflib.RDFS.label))
            named.append((str(lab or src), load_rdf(src))); sources.append((str(lab or src), str(src)))
        if not default and not named:      # dataset described by FROM / FROM NAMED in the query
            for m in re.finditer(r"(?i)FROM\s+(?:NAMED\s+)?<([^>]*)>", text):
                uri = rdflib.URIRef(m.group(1), base=str(quri))
                if uri.startswith("file://") and local(str(uri)).exists() and str(uri) not in dict(named): named.append((str(uri), load_rdf(uri)))
        self.load(default, named, (tuple(sorted(g.objects(act, QT.data))), tuple(sorted(sources)), tuple(sorted(i for i, _ in named))))
        res = g.value(t, MF.result)
        ext = local(str(res)).suffix
        isg = re.search(r"(?i)\b(CONSTRUCT|DESCRIBE)\b", re.sub(r"#[^\n]*|<[^>]*>|\"[^\"]*\"", "", text)) and ext in RDF_EXT
        if isg: acc = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.5"
        elif ext == ".csv": acc = "text/csv"
        elif ext == ".tsv": acc = "text/tab-separated-values"
        elif ext == ".srj": acc = "application/sparql-results+json"
        else: acc = "application/sparql-results+" + self.a.accept
        st, h, data = self.ask(self.with_base(text, quri), acc)
        if st != 200: raise Fail(f"{st} {data[:160]!r}")
        ct = h.get("content-type", "").split(";")[0]
        lax = g.value(t, MF.resultCardinality) == MF.LaxCardinality
        if isg:
            fm = {"text/turtle": "turtle", "application/rdf+xml": "xml"}.get(ct, "nt")
            got, want = rdflib.Graph().parse(data=data, format=fm), load_rdf(res)
            if not isomorphic(got, want): raise Fail(f"graph differs: {len(got)} triples, want {len(want)}")
            return
        raw, ordered = local(str(res)).read_bytes(), False
        if ext == ".srx": want = parse_xml(raw)
        elif ext == ".srj": want = parse_json(raw)
        elif ext == ".tsv": want = parse_tsv(raw)
        elif ext == ".csv": want = parse_csv(raw)
        else:
            want = parse_rs(load_rdf(res))
            if isinstance(want, tuple): ordered = want[2]; want = want[:2]
        got = parse_csv(data) if ct == "text/csv" else parse_tsv(data) if "tab-sep" in ct else parse_json(data) if "json" in ct else parse_xml(data)
        if isinstance(want, bool) or isinstance(got, bool):
            if want is not got: raise Fail(f"boolean {got}, want {want}")
            return
        if ext == ".csv":
            fix = lambda rows: Counter(tuple("_:" if c.startswith("_:") else self._num(c) for c in (r.get(v, "") for v in want[0])) for r in rows)
            if sorted(got[0]) != sorted(want[0]) or fix(got[1]) != fix(want[1]): raise Fail(f"csv differs: {data[:150]!r}")
            return
        if set(want[0]) != set(got[0]) and ext != ".ttl" and ext != ".rdf": raise Fail(f"variables {got[0]}, want {want[0]}")
        if same_rows(want[1], got[1], ordered, lax, lambda x: x): return
        if same_rows(want[1], got[1], ordered, lax, norm):
            self.byvalue.append(str(t)); return
        if ordered and same_rows(want[1], got[1], False, lax, norm): raise Fail("order differs")
        raise Fail(f"solutions differ: {len(got[1])} rows, want {len(want[1])}; got {str(got[1][:2])[:150]} want {str(want[1][:2])[:150]}")

    @staticmethod
    def _num(c):
        try: return str(float(c))
        except ValueError: return c

    def state(self):
        a = self.a
        acc = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.5"
        def graph(q):
            st, h, d = self.ask(q, acc)
            if st != 200: raise Fail(f"state query {st} {d[:100]!r}")
            ct = h.get("content-type", "").split(";")[0]
            return rdflib.Graph().parse(data=d, format={"text/turtle": "turtle", "application/rdf+xml": "xml"}.get(ct, "nt"))
        out = {"": graph("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")}
        st, h, d = self.ask("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }", "application/sparql-results+" + a.accept)
        for r in (parse_json(d) if "json" in h.get("content-type", "") else parse_xml(d))[1]:
            out[r["g"][1]] = graph(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{r['g'][1]}> {{ ?s ?p ?o }} }}")
        return out

    def update_test(self, g, t, kind):
        act, res = g.value(t, MF.action), g.value(t, MF.result)
        def ds(node):
            de = [load_rdf(d) for d in g.objects(node, UT.data)]
            na = [(str(g.value(x, rdflib.RDFS.label)), load_rdf(g.value(x, UT.graph))) for x in g.objects(node, UT.graphData)]
            return de, na
        self.load(*ds(act))
        self.held = None
        uri = g.value(act, UT.request)
        st, d = self.update(self.with_base(local(str(uri)).read_text(encoding="utf-8"), uri))
        if st >= 300: raise Fail(f"{st} {d[:160]!r}")
        de, na = ds(res)
        want = {"": rdflib.Graph()}
        for x in de: want[""] += x
        for i, x in na:
            if len(x): want[i] = x
        got = self.state()
        if set(want) != set(got): raise Fail(f"graphs {sorted(got)}, want {sorted(want)}"[:200])
        for k in want:
            if not isomorphic(want[k], got[k]): raise Fail(f"graph <{k}> differs: {len(got[k])} triples, want {len(want[k])}")

    def syntax_test(self, g, t, kind):
        act = g.value(t, MF.action)
        uri = act if isinstance(act, URIRef) else g.value(act, QT.query) or g.value(act, UT.request)
        text = self.with_base(local(str(uri)).read_text(encoding="utf-8"), uri)
        if "BASE" in text[:8] and "Negative" in kind and not re.search(r"(?im)^\s*BASE", text[8:]): pass
        if "Update" in kind:
            self.held = None
            st, d = self.update(text)
        else:
            st, h, d = self.ask(text, "application/sparql-results+json, application/n-triples;q=0.9, text/turtle;q=0.8, */*;q=0.1")
        bad = st in (400, 422, 415)
        if "Positive" in kind and bad: raise Fail(f"{st} {d[:130]!r}")
        if "Negative" in kind and not bad: raise Fail(f"accepted with {st}")

    def run(self):
        root = Path(self.a.tests)
        for suite in self.a.suites.split(","):
            for f in sorted((root / suite).glob("*/manifest.ttl")):
                d = f.parent.name
                if d in SKIP_DIRS or (self.a.dir and d not in self.a.dir.split(",")): continue
                g = rdflib.Graph().parse(f, format="turtle", publicID="file://" + str(f.resolve()))
                for l in g.objects(None, MF.entries):
                    for t in g.items(l):
                        kind = [str(x).split("#")[-1] for x in g.objects(t, RDF.type)][0]
                        name = f"{suite}/{d}/{str(t).split('#')[-1]}"
                        if self.a.only and self.a.only not in name: continue
                        fn = self.update_test if kind == "UpdateEvaluationTest" else self.syntax_test if "Syntax" in kind else self.query_test
                        try: fn(g, t, kind); r = "pass"
                        except Fail as e: r = str(e)
                        except Exception as e: r = f"error {type(e).__name__}: {str(e)[:160]}"
                        self.res[name] = (kind, r)
                        if self.a.verbose and r != "pass": print(f"FAIL {name} [{kind}]: {r}", flush=True)


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--endpoint", required=True); ap.add_argument("--update"); ap.add_argument("--gsp"); ap.add_argument("--token")
    ap.add_argument("--load", choices=("update", "insert-where", "gsp"), default="update"); ap.add_argument("--accept", default="json", choices=("json", "xml"))
    ap.add_argument("--tests", default=str(pathlib.Path(__file__).parent / "sparql")); ap.add_argument("--suites", default="sparql10,sparql11")
    ap.add_argument("--dir"); ap.add_argument("--only"); ap.add_argument("--timeout", type=float, default=20); ap.add_argument("--json"); ap.add_argument("-v", "--verbose", action="store_true")
    a = ap.parse_args()
    r = Runner(a); t0 = time.time(); r.run()
    tot = defaultdict(Counter)
    for n, (k, x) in r.res.items():
        s, d, _ = n.split("/", 2)
        k2 = ("update " if "Update" in k else "query ") + ("syntax" if "Syntax" in k else "evaluation")
        tot[f"{s} {k2}"][x == "pass"] += 1
    if not a.verbose:
        by = Counter("/".join(n.split("/")[:2]) for n, (k, x) in r.res.items() if x != "pass")
        print("failures by group:", dict(by))
    for k, c in sorted(tot.items()): print(f"{k}: {c[True]}/{c[True]+c[False]}")
    p = sum(x == "pass" for _, x in r.res.values())
    print(f"total {p}/{len(r.res)}, {len(r.byvalue)} of them equal by value only, {time.time()-t0:.1f} s, {len(r.times)} queries, median {sorted(r.times)[len(r.times)//2]*1e3:.2f} ms")
    if a.json: json.dump(r.res, open(a.json, "w"), indent=1)
