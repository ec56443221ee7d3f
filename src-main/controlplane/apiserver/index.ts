import { ApiHandler, type ApiHandlerOptions } from './server.ts'
import { Listener } from './listener.ts'

/** What the API server is put together from. Its address follows from the listener. */
export interface ApiServerOptions extends Omit<ApiHandlerOptions, 'address'> {
  /** PEM. `ca` is the CA of client certificates. */
  tls: { cert: string; key: string; ca: string }
}

/** The API on its port. */
export interface ApiServer {
  /**
   * Listens on 127.0.0.1 and the other addresses, each once, all on one port: the wanted one, or the next that is free when it is not fixed.
   * Resolves with the port. Throws the listener's error (`EADDRINUSE`).
   */
  listen(options: { port: number; fixed: boolean; addresses: readonly string[] }): Promise<number>
  stop(): Promise<void>
}

/** Ports that are tried after the wanted one. */
const TRIES = 100
const LOOPBACK = '127.0.0.1'

/** Serves nothing before `listen`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  let port = 0
  const handler = new ApiHandler({ ...options, address: () => `https://${LOOPBACK}:${port}` })
  const { onRequest, upgrades, onUpgrade } = handler
  const listener = new Listener({ ...options.tls, onRequest, upgrades, onUpgrade })
  return {
    async listen({ port: wanted, fixed, addresses }) {
      port = await firstFree(listener, wanted, fixed ? 1 : TRIES)
      const others = new Set(addresses.filter((address) => address !== LOOPBACK))
      for (const address of others) await listener.listen(address, port)
      return port
    },
    async stop() {
      handler.stop()
      await listener.stop()
    },
  }
}

async function firstFree(listener: Listener, wanted: number, tries: number): Promise<number> {
  for (let i = 0; ; i++) {
    try {
      return await listener.listen(LOOPBACK, wanted === 0 ? 0 : wanted + i)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || i + 1 >= tries) throw error
    }
  }
}
