/** A UUID of this server's own (RFC 9562, version 8): where it began, and a count. */
const server = crypto
  .randomUUID()
  .slice(0, 23)
  .replace(/^(.{14})4/, '$18')
let requests = 0

/** What a request is known by, in its answer's `Audit-Id` and in what is told of it. */
export const auditId = (): string => `${server}-${(++requests).toString(16).padStart(12, '0')}`
