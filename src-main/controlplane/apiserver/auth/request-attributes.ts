import type { UserInfo } from '../../admission/admission.ts'
import type { RequestInfo } from '../http/request-info.ts'
import type { AccessAttributes } from './auth.ts'

/** What a request asks for, in the terms of authorization. */
export function attributesOf(info: RequestInfo, user: UserInfo): AccessAttributes {
  const { verb, group, version, resource, subresource, namespace, path } = info
  const name = info.name || selectedName(info)
  if (!info.isResource)
    return { user, verb, group: '', version: '', resource: '', subresource: '', namespace: '', name: '', path }
  const fieldSelector = info.query.get('fieldSelector') ?? ''
  return { user, verb, group, version, resource, subresource, namespace, name, path, fieldSelector }
}

/** A list or watch of one name, by field selector, is judged as a request for that name. */
function selectedName({ query }: RequestInfo): string {
  return /(?:^|,)metadata\.name==?([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1] ?? ''
}
