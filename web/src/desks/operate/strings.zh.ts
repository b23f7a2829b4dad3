/** The words of this desk. */
export default {
  'title': '运维',
} as const;
