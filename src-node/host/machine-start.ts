/** Of the times in `/proc/PID/stat`, a second (USER_HZ, proc(5)). */
const TICKS = 100

/**
 * When the node's machine started, which its first process tells: milliseconds since the epoch, `now` being those of this moment. `read` answers what a
 * file holds.
 */
export async function machineStart(read: (path: string) => Promise<string>, now: number): Promise<number> {
  const [stat, uptime] = await Promise.all([read('/proc/1/stat'), read('/proc/uptime')])
  // The name before may have blanks in it: the 22nd field is the 20th after its parenthesis.
  const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) / TICKS
  const running = Number(uptime.split(' ')[0]) - started
  return now - running * 1000
}
