/* What this browser keeps for the site: a small database (IndexedDB) with two tables.
   outbox: answers that the site has not yet stored; kept: subjects to classify without a connection.
   Where the browser forbids a database the outbox lies in localStorage, else in memory. Both have the same four methods. */

const NAME = "hunter";
const TABLES = { outbox: "id", kept: "key" };
const LIST = "hunter.outbox"; // in localStorage: where earlier versions kept the outbox, and where it goes without a database
const JOURNAL = "hunter.outbox.new"; // also there: what the database has not yet confirmed
const OPEN_MS = 4000; // some browsers never answer

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open(factory) {
  const request = factory.open(NAME, 1);
  request.onupgradeneeded = () => {
    for (const [table, key] of Object.entries(TABLES)) request.result.createObjectStore(table, { keyPath: key });
  };
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("The database does not answer.")), OPEN_MS));
  return Promise.race([answered(request), late]);
}

/** One table of the database. */
class Table {
  constructor(database, name) {
    Object.assign(this, { database, name, kind: "database" });
  }

  async #do(mode, act) {
    const transaction = (await this.database()).transaction(this.name, mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("The database refused."));
    });
    const [result] = await Promise.all([answered(act(transaction.objectStore(this.name))), done]);
    return result;
  }

  all() {
    return this.#do("readonly", (table) => table.getAll());
  }

  get(key) {
    return this.#do("readonly", (table) => table.get(key));
  }

  put(row) {
    return this.#do("readwrite", (table) => table.put(row));
  }

  remove(key) {
    return this.#do("readwrite", (table) => table.delete(key));
  }
}

/** The same in localStorage (or anything like it): one list of rows under one key. */
export class ListTable {
  constructor(storage, key = LIST, id = "id") {
    Object.assign(this, { storage, key, id, kind: "list" });
  }

  #read() {
    try {
      return JSON.parse(this.storage.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }

  #without(key) {
    return this.#read().filter((row) => row[this.id] !== key);
  }

  async all() {
    return this.#read();
  }

  async get(key) {
    return this.#read().find((row) => row[this.id] === key);
  }

  async put(row) {
    const rows = this.#read();
    const at = rows.findIndex((each) => each[this.id] === row[this.id]);
    rows.splice(at < 0 ? rows.length : at, 1, row);
    this.storage.setItem(this.key, JSON.stringify(rows));
  }

  async remove(key) {
    this.storage.setItem(this.key, JSON.stringify(this.#without(key)));
  }
}

/** Storage like localStorage that lasts as long as the page. */
export function memoryStorage() {
  const map = new Map();
  return { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => map.set(key, value), removeItem: (key) => map.delete(key) };
}

function localOrNothing() {
  try {
    localStorage.setItem("hunter.probe", "1");
    localStorage.removeItem("hunter.probe");
    return localStorage;
  } catch {
    return null;
  }
}

let opening = null;

/** The database, opened once and again after the browser has closed it. Fails where there is none. */
function database() {
  opening ??= open(globalThis.indexedDB).then((found) => {
    found.onclose = () => (opening = null);
    found.onversionchange = () => {
      found.close();
      opening = null;
    };
    return found;
  });
  opening.catch(() => (opening = null));
  return opening;
}

/** A table of that name. Where there is no database it is one in memory. */
export async function table(name) {
  try {
    await database();
    return new Table(database, name);
  } catch {
    return new ListTable(memoryStorage(), name, TABLES[name]);
  }
}

/** Take over what an earlier version (or a time without database) left in a list; rows that are in the table already stay as they are. */
export async function adopt(list, into) {
  for (const row of await list.all()) {
    if (!(await into.get(row.id))) await into.put(row);
    await list.remove(row.id);
  }
}

/** A list that outlives the page from the moment it is written, where the browser allows one. */
export function outboxJournal(local = localOrNothing()) {
  return local && new ListTable(local, JOURNAL);
}

/** The table of the outbox: in the database, else in localStorage, else in memory. What lay elsewhere is taken over. */
export async function outboxTable(local = localOrNothing()) {
  let found = await table("outbox");
  if (found.kind !== "database" && local) found = new ListTable(local);
  else if (local?.getItem(LIST)) await adopt(new ListTable(local), found).catch(() => {});
  if (local?.getItem(JOURNAL)) await adopt(outboxJournal(local), found).catch(() => {});
  return found;
}
