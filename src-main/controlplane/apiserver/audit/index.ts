import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { Incoming } from '../http/exchange.ts'
import type { RequestInfo } from '../http/request-info.ts'
import { AuditLog } from './log-file.ts'
import { AuditPolicyError, parsePolicy } from './parse-policy.ts'
import { judge } from './policy.ts'
import { Trail } from './trail.ts'

/** Tells of requests what the cluster's policy wants told. */
export interface Auditor {
  /** @param id the request's `Audit-Id` */
  follow(info: RequestInfo, request: Incoming, id: string): Trail
  /** Resolves when all is written. */
  close(): Promise<void>
}

/** Put by the user into the cluster's data directory, as `--audit-policy-file` of kube-apiserver. */
const POLICY_FILE = 'audit-policy.yaml'

/**
 * Auditing as the policy in the cluster's data directory wants it (kubernetes.io, "Auditing"), into `logs/audit.log` there; undefined without a
 * policy. Throws {@link AuditPolicyError} for one that is none: it would tell of nothing, unnoticed.
 */
export function openAuditor(
  directory: string,
  { clock, log }: { clock: Clock; log(message: string, error?: unknown): void },
): Auditor | undefined {
  const path = join(directory, POLICY_FILE)
  if (!existsSync(path)) return undefined
  const policy = policyIn(path)
  const file = new AuditLog({ path: join(directory, 'logs', 'audit.log'), clock, log })
  return {
    follow: (info, request, id) =>
      new Trail({
        info,
        request,
        id,
        judge: (user, asked) => judge(policy, user, asked),
        now: () => clock.now(),
        write: (event) => file.add(JSON.stringify(event)),
      }),
    close: () => file.close(),
  }
}

function policyIn(path: string): ReturnType<typeof parsePolicy> {
  try {
    return parsePolicy(readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof AuditPolicyError)) throw error
    throw new AuditPolicyError(`${path} is no audit policy: ${error.message}`, { cause: error })
  }
}
