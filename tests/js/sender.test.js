import assert from "node:assert/strict";
import test from "node:test";

import { judge, makeSender, Session } from "../../static/js/sender.js";

const SESSION = "/session/";
const entry = (more = {}) => ({ id: "a", url: "/api/", method: "POST", body: { id: "a" }, tries: 0, owner: "", ...more });
const receipt = { status: 201, data: { id: "a" }, retryAfter: 0 };
const forbidden = { status: 403, data: { detail: "CSRF Failed." }, retryAfter: 0 };

/* A site with a session of its own; `votes` are the answers to what is sent. */
function make({ votes = [], who = { owner: "", csrf: "new" }, owner = "", online = true }) {
  const asked = [];
  const ask = async (url, { token } = {}) => {
    asked.push(url === SESSION ? SESSION : token);
    if (!online) return { status: 0, data: {}, retryAfter: 0 };
    return url === SESSION ? { status: 200, data: who } : (votes.shift() ?? receipt);
  };
  const session = new Session({ url: SESSION, owner, token: "old", ask, cookie: () => "c" });
  return { send: makeSender(session, ask), asked };
}

test("a fresh page sends at once with its own token", async () => {
  const { send, asked } = make({});
  assert.equal((await send(entry())).kind, "stored");
  assert.deepEqual(asked, ["old"]);
});

test("where the token has changed meanwhile, a fresh one is fetched and the vote sent again", async () => {
  const { send, asked } = make({ votes: [forbidden] });
  assert.equal((await send(entry())).kind, "stored");
  assert.deepEqual(asked, ["old", SESSION, "new"]);
});

test("a vote of an account waits until that account is back", async () => {
  const { send, asked } = make({ votes: [{ status: 401, data: {} }], owner: "7", who: { owner: "", csrf: "new" } });
  assert.equal((await send(entry({ owner: "7" }))).kind, "foreign");
  assert.equal((await send(entry({ owner: "8" }))).kind, "foreign");
  assert.deepEqual(asked, ["old", SESSION, SESSION]);
  assert.equal((await make({ owner: "8" , who: { owner: "7", csrf: "n" } }).send(entry({ owner: "7" }))).kind, "stored");
});

test("a page that knows nobody asks first; without connection nothing is tried", async () => {
  const offline = make({ owner: null, online: false });
  assert.deepEqual([(await offline.send(entry())).status, offline.asked], [0, [SESSION]]);
  const online = make({ owner: null });
  await online.send(entry());
  assert.deepEqual(online.asked, [SESSION, "new"]);
});

test("only a receipt says stored, and only a problem document says never", () => {
  const problem = { detail: "There is no such subject." };
  const cases = [
    [entry(), { status: 201, data: { id: "a" } }, "stored"],
    [entry(), { status: 200, data: {} }, "retry"], // the sign-in page of a hotel
    [entry(), { status: 404, data: problem }, "refused"],
    [entry(), { status: 404, data: {} }, "retry"], // a proxy while the site is restarted
    [entry(), { status: 409, data: problem }, "refused"],
    [entry(), { status: 409, data: { ...problem, existing: "b" } }, "standing"], // answered before, on another device
    [entry(), { status: 409, data: { ...problem, existing: "a" } }, "refused"], // this very vote, with other words
    [entry({ method: "PUT" }), { status: 409, data: { ...problem, existing: "b" } }, "refused"],
    [entry({ body: { id: "a", revises: "c" } }), { status: 409, data: { ...problem, existing: "b" } }, "refused"],
    [entry({ method: "DELETE" }), { status: 404, data: problem }, "stored"],
    [entry({ tries: 1 }), forbidden, "retry"],
    [entry({ tries: 4 }), forbidden, "refused"],
    [entry({ tries: 99 }), { status: 500, data: problem }, "retry"],
  ];
  for (const [sent, answer, kind] of cases) assert.equal(judge(sent, answer), kind, JSON.stringify(answer));
});
