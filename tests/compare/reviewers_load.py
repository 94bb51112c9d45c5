"""Fifty reviewers at once: what they wait for, and whether anything that was answered is lost.

    python3 tests/compare/reviewers_load.py STORE [--reviewers 50] [--seconds 60] [--think 1.0]

Starts `target/release/tenken serve` on the store, adds the users load01 ... (role 点検), and lets each look at the queue,
open cases, decide and leave remarks, with a pause between. At the end every answered decision and remark must stand in
review.sqlite, and no request may have failed. Prints p50, p95 and p99 per page in milliseconds.
"""

import argparse, collections, http.client, pathlib, random, re, sqlite3, subprocess, threading, time, urllib.parse

PASSWORD = "さくら並木を歩く2026"
BINARY = pathlib.Path(__file__).resolve().parents[2] / "target/release/tenken"


class Reviewer(threading.Thread):
    def __init__(self, address, name, until, think, seed):
        super().__init__()
        self.address, self.name_, self.until, self.think = address, name, until, think
        self.random = random.Random(seed)
        self.took, self.failed = collections.defaultdict(list), []
        self.decided, self.noted, self.conflicts = 0, 0, 0

    def ask(self, what, method, path, form=None):
        body = urllib.parse.urlencode(form) if form else None
        headers = {"cookie": self.cookie} if self.cookie else {}
        if body:
            headers["content-type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if what:
            self.took[what].append(time.perf_counter() - start)
        if answer.status >= 500 or answer.status in (401, 429):
            self.failed.append((path, answer.status, text[:200]))
        return answer, text

    def run(self):
        self.connection = http.client.HTTPConnection(self.address, timeout=60)
        self.cookie = None
        answer, _ = self.ask(None, "POST", "/sign-in", {"name": self.name_, "password": PASSWORD})
        self.cookie = answer.getheader("set-cookie", "").split(";")[0]
        while time.time() < self.until:
            query = self.random.choice(["", "severity=S1", "sort=amount", "q=" + urllib.parse.quote(self.random.choice("アカサタナハマ")), "state=all&page=%d" % self.random.randrange(20)])
            _, text = self.ask("queue", "GET", "/queue?" + query)
            time.sleep(self.think * self.random.uniform(0.5, 1.5))
            ids = re.findall(r'data-href="/cases/(\d+)\?', text)
            for case in self.random.sample(ids, min(3, len(ids))):
                _, page = self.ask("case", "GET", f"/cases/{case}?{query}")
                time.sleep(self.think * self.random.uniform(0.5, 1.5))
                csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
                version = re.search(r'name="version" value="(\d+)"', page)
                if not (csrf and version):
                    continue
                form = {"csrf": csrf[1], "version": version[1]}
                if 'id="decide"' in page and self.random.random() < 0.5:
                    answer, _ = self.ask("decide", "POST", f"/cases/{case}/step", form | {"decision": "KAGO", "k_code": "K06"})
                    self.decided += answer.status == 303
                    self.conflicts += answer.status == 409
                else:
                    answer, _ = self.ask("note", "POST", f"/cases/{case}/note", form | {"kind": "note", "text": "負荷の試験"})
                    self.noted += answer.status == 303


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=pathlib.Path)
    parser.add_argument("--reviewers", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--think", type=float, default=1.0)
    asked = parser.parse_args()
    names = [f"load{n:02}" for n in range(1, asked.reviewers + 1)]
    subprocess.run([BINARY, "user", "add", "loadadmin", "--role", "管理", "--store", asked.store], input=PASSWORD.encode(), capture_output=True)
    for name in names:
        subprocess.run([BINARY, "user", "add", name, "--role", "点検", "--store", asked.store], input=PASSWORD.encode(), capture_output=True)
    started = time.time()
    serve = subprocess.Popen([BINARY, "serve", "--listen", "127.0.0.1:0", "--store", asked.store], stdout=subprocess.PIPE, text=True)
    address = re.search(r"http://([0-9.:]+)/", serve.stdout.readline())[1]
    print(f"listening after {time.time() - started:.1f} s")
    until = time.time() + asked.seconds
    reviewers = [Reviewer(address, name, until, asked.think, i) for i, name in enumerate(names)]
    for r in reviewers:
        # people do not all come at the same moment, and one address may not sign in without end
        r.start()
        time.sleep(0.02)
    for r in reviewers:
        r.join()
    peak = [line for line in open(f"/proc/{serve.pid}/status") if line.startswith(("VmHWM", "RssAnon"))]
    serve.terminate()
    serve.wait()
    for what in ("queue", "case", "decide", "note"):
        took = sorted(t for r in reviewers for t in r.took[what])
        if took:
            at = lambda share: took[min(len(took) - 1, int(share * len(took)))] * 1000
            print(f"{what:7} {len(took):6} requests  p50 {at(.5):6.1f}  p95 {at(.95):6.1f}  p99 {at(.99):6.1f} ms")
    failed = [f for r in reviewers for f in r.failed]
    decided, noted = sum(r.decided for r in reviewers), sum(r.noted for r in reviewers)
    db = sqlite3.connect(asked.store / "review.sqlite")
    kept = db.execute("SELECT count(*) FROM case_moves WHERE to_state = 'DECIDED' AND user LIKE 'load%'").fetchone()[0]
    notes = db.execute("SELECT count(*) FROM case_notes WHERE user LIKE 'load%'").fetchone()[0]
    cases = db.execute("SELECT count(*) FROM cases").fetchone()[0]
    print(f"{cases} cases; decisions answered {decided}, kept {kept}; remarks answered {noted}, kept {notes}; "
          f"second on a case {sum(r.conflicts for r in reviewers)}; failed {len(failed)}")
    print(" ".join(line.strip() for line in peak))
    for f in failed[:5]:
        print("failed:", f)
    raise SystemExit(bool(failed) or decided != kept or noted != notes)


main()
