/** A stream that this process writes its log to. */
interface LogStream {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

/**
 * Lets what this process logs be lost while the disk of its log is full: Node ends a process whose standard output fails. What it logs once there is room is
 * written again; any other failure ends it as before.
 */
export function outliveFullDisk(streams: readonly LogStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams)
    stream.on('error', (error) => {
      if (error.code !== 'ENOSPC') throw error
    })
}
