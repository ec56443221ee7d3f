import type { Ingress } from '#types/networking.k8s.io/v1'
import type { Canary } from './canary.ts'
import type { Settings } from './settings.ts'

/** What nginx is to do: everything named and checked, nothing in nginx's words yet. */
export interface Model {
  /** By host, the one for all other hosts first. */
  servers: Server[]
  upstreams: Upstream[]
  /** Files that the configuration names, each under the name of its content. */
  files: File[]
  problems: Problem[]
}

/** A file that nginx's configuration names. */
export interface File {
  name: string
  content: string
}

/** What is told to users about an Ingress, as an event on it. */
export interface Problem {
  ingress: Ingress
  /** `Rejected`: all or some of it is not routed. `Ignored`: it is routed without what is told. */
  reason: 'Rejected' | 'Ignored'
  message: string
}

/** What nginx answers under one name. */
export interface Server {
  /** A name, `*.` and a name, or '' for whatever no other server has. */
  host: string
  /** The name of the file with its certificate and key; the controller's own certificate when absent. */
  certificate?: string | undefined
  /** Where `/` leads by redirection. */
  appRoot?: string | undefined
  /** Regular expressions in the order in which they are tried. */
  locations: Location[]
}

/** nginx's four ways to hold a path against a location: equal, longest beginning, expression, expression in any case of letters. */
export type Modifier = '=' | '' | '~' | '~*'

/** What nginx does with requests whose path matches. */
export interface Location {
  modifier: Modifier
  /** A path, or an expression. */
  pattern: string
  /** `namespace/name` of the Ingress that asks for it. */
  ingress: string
  backend: Backend
  settings: Settings
  /** Requests in the clear are sent to HTTPS. */
  redirectToHttps: boolean
  /** The expression of which the captures of `settings.rewriteTarget` are. */
  rewriteFrom?: string | undefined
  canary?: CanaryBackend | undefined
  /** The name of the file with users and passwords. */
  users?: string | undefined
}

/** Where some of a location's requests go instead; everything else is as the location says. */
export interface CanaryBackend {
  /** Of nginx's location for it: `@` and a name of the Ingress and path that ask for it. */
  name: string
  when: Canary
  backend: Backend
  cookie?: Cookie | undefined
}

/** Where requests go: to pods, to a name outside, or nowhere (503) while nothing is there to answer. */
export type Backend =
  /** With a port, the upstream is asked for by its name for each request; without, it stands in the configuration. */
  | { type: 'pods'; upstream: string; port?: number | undefined }
  | { type: 'outside'; host: string; port: number }
  | { type: 'none' }

/** Ready endpoints of one port of a service. */
export interface Upstream {
  /** Also a name that DNS can carry. */
  name: string
  /** What all endpoints listen at: such an upstream is no part of the configuration, so that its pods come and go without a reload. */
  port?: number | undefined
  /** `address:port`, sorted. */
  servers: string[]
  /** The cookie by which a client finds the same server again. */
  cookie?: Cookie | undefined
}

/** The cookie by which a client comes back to its endpoint. */
export interface Cookie {
  name: string
  path: string
  /** Seconds; for the browser's session when absent. */
  maxAge?: number | undefined
  sameSite?: string | undefined
}
