// Stands in for native modules that dockerode can use for ssh:// hosts; we dial sockets and pipes only.
export class Client {
  constructor() {
    throw new Error('ssh:// Docker hosts are not supported')
  }
}
export default { Client }
