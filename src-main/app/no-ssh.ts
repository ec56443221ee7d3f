/** Stands in for `ssh2` in the bundle: Drydock reaches Docker by socket, pipe or TCP. */
export class Client {
  constructor() {
    throw new Error('Docker over SSH is not supported; use a socket, a pipe or TCP (DOCKER_HOST).')
  }
}

export default { Client }
