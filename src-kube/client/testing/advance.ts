import type { FakeClock } from '../../machinery/clock.ts'

/** Lets every promise chain that needs no time run out. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 500; i++) await Promise.resolve()
}

/** Moves a fake clock on in steps, so that work started by one timer may start the next. */
export async function advance(clock: FakeClock, milliseconds: number, steps = 20): Promise<void> {
  await settle()
  for (let i = 0; i < steps; i++) {
    await clock.advance(milliseconds / steps)
    await settle()
  }
}
