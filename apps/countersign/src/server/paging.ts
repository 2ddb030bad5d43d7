import type { Paging } from '@countersign/engine/authorization/service'

/** A page as the caller asked for it; 50 items unless it says otherwise. */
export function paging(query: { readonly after?: string; readonly limit?: number } | undefined): Paging {
  return { limit: query?.limit ?? 50, ...(query?.after === undefined ? {} : { after: query.after }) }
}
