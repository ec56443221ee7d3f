export { createHost, type Host, type MachineFacts } from './host.ts'
