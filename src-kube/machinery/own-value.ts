/**
 * What a table or an object from outside has under a name that a user chose; undefined where it has nothing of its own. Reading it directly would find
 * what every JavaScript object inherits: `constructor`, `toString`.
 */
export const ownValue = <T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined
