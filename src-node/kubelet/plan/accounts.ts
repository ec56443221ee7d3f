/** A line of `/etc/passwd`. */
export interface Account {
  name: string
  uid: number
  gid: number
}

/** A line of `/etc/group`. */
export interface AccountGroup {
  name: string
  gid: number
  members: string[]
}

/** The users and groups that an image knows. */
export interface Accounts {
  users: readonly Account[]
  groups: readonly AccountGroup[]
}

export const noAccounts: Accounts = { users: [], groups: [] }

const isId = (text: string | undefined): text is string => /^\d+$/.test(text ?? '')

/** Reads passwd(5) and group(5); lines that are none are left out. Pure. */
export function parseAccounts({ passwd, group }: { passwd: string; group: string }): Accounts {
  const fields = (text: string): string[][] => text.split('\n').map((line) => line.trim().split(':'))
  return {
    users: fields(passwd).flatMap(([name, , uid, gid]) =>
      name && isId(uid) && isId(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : [],
    ),
    groups: fields(group).flatMap(([name, , gid, members = '']) =>
      name && isId(gid) ? [{ name, gid: Number(gid), members: members.split(',').filter(Boolean) }] : [],
    ),
  }
}
