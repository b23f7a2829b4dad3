/** The words of this desk. */
export default {
  'title': '案件',
} as const;
