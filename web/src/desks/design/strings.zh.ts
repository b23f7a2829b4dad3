/** The words of this desk. */
export default {
  'title': '设计',
} as const;
