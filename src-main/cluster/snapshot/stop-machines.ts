import { providerOf } from '../attach.ts'
import { UserError } from '../user-error.ts'

/** Stops the machines of a cluster's nodes, as `drydock down --stop` does. Without Docker nothing of them runs: that is told, and no failure. */
export async function stopMachines(cluster: string, note: (line: string) => void): Promise<void> {
  try {
    const { provider } = await providerOf(cluster)
    const machines = (await provider.list()).filter((machine) => machine.state !== 'stopped')
    await Promise.all(machines.map((machine) => provider.stop(machine.name)))
    if (machines.length > 0) note('its nodes are stopped; `drydock up` starts them with the restored state')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    note(`its nodes are left as they are: ${error.message}`)
  }
}
