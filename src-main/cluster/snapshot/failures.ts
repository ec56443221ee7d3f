import { StoreBrokenError } from '../../controlplane/store/store.ts'
import { UserError } from '../user-error.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not do that',
  EPERM: 'this user may not do that',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
}
/** SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_IOERR with what it adds. */
const [FULL, CANNOT_OPEN, IO] = [13, 14, 10]

/**
 * What the disk or the store refused, as a `UserError` that names what was being done, `Cannot save the snapshot` and the like; any other error is
 * returned as it is.
 */
export function explained(error: unknown, doing: string, remedy: string): unknown {
  const { code, errcode, path, message } = error as NodeJS.ErrnoException & { errcode?: number }
  if (error instanceof StoreBrokenError) {
    const said = isFull(error.cause) ? reasons['ENOSPC'] : message
    return new UserError(`${doing}: ${said}.`, remedy, { cause: error })
  }
  const where = path === undefined ? '' : ` (${path})`
  const reason = errcode === undefined ? reasons[code ?? ''] : databaseReason(errcode)
  return reason ? new UserError(`${doing}: ${reason}${where}.`, remedy, { cause: error }) : error
}

/** Whether the disk had no room for a database that was to be made. */
const isFull = (cause: unknown): boolean => ((cause as { errcode?: number } | undefined)?.errcode ?? 0) % 256 === FULL

function databaseReason(errcode: number): string | undefined {
  // The upper bytes say more than anybody can use.
  const primary = errcode & 0xff
  if (primary === FULL) return reasons['ENOSPC']
  if (primary === CANNOT_OPEN) return 'the copy of the store cannot be made there'
  return primary === IO ? 'the disk failed' : undefined
}
