"""The foundation: definitions, instances and what they wait for, history by month, accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, the source of keys and the default partitions of history."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("key_block", start=1)))
    op.create_table(
        "api_client",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_api_client")),
    )
    op.create_table(
        "decision_instance",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("element_instance_key", sa.BigInteger(), nullable=True),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("inputs", postgresql.JSONB(), nullable=False),
        sa.Column("trace", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("key", "evaluated_at", name=op.f("pk_decision_instance")),
        postgresql_partition_by="RANGE (evaluated_at)",
    )
    op.create_index(
        "ix_decision_instance_definition",
        "decision_instance",
        ["decision_definition_key", "evaluated_at"],
        unique=False,
    )
    op.create_index("ix_decision_instance_instance_key", "decision_instance", ["instance_key"], unique=False)
    op.create_table(
        "deployment",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deployment")),
    )
    op.create_table(
        "deployment_epoch",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deployment_epoch")),
    )
    op.create_table(
        "element_instance",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("scope_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("element_type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("changes", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("key", "started_at", name=op.f("pk_element_instance")),
        postgresql_partition_by="RANGE (started_at)",
    )
    op.create_index("ix_element_instance_instance_key", "element_instance", ["instance_key"], unique=False)
    op.create_table(
        "event_subscription",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=True),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("root_key", sa.BigInteger(), nullable=True),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("interrupting", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_event_subscription")),
    )
    op.create_index(
        "ix_event_subscription_event", "event_subscription", ["kind", "name", "correlation_key"], unique=False
    )
    op.create_index("ix_event_subscription_instance_key", "event_subscription", ["instance_key"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", "idempotency_key", name=op.f("pk_idempotency_key")),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "incident",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("element_instance_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("job_key", sa.BigInteger(), nullable=True),
        sa.Column("error_type", sa.Text(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident")),
    )
    op.create_index(
        "ix_incident_active",
        "incident",
        ["created_at", "key"],
        unique=False,
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index("ix_incident_element_instance_key", "incident", ["element_instance_key"], unique=False)
    op.create_index("ix_incident_instance_key", "incident", ["instance_key"], unique=False)
    op.create_table(
        "instance_state",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("flows", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_instance_state")),
        postgresql_with={"fillfactor": 60},
    )
    op.create_table(
        "job",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("50"), nullable=False),
        sa.Column("custom_headers", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("business_id", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("failed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job")),
    )
    op.create_index(
        "ix_job_available",
        "job",
        ["type", sa.literal_column("priority DESC"), "available_at", "key"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL AND retries > 0"),
    )
    op.create_index("ix_job_instance_key", "job", ["instance_key"], unique=False)
    op.create_table(
        "message",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "correlated_process_ids",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("pending", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "name", "correlation_key", "message_id", name=op.f("uq_message_name_correlation_key_message_id")
        ),
    )
    op.create_index("ix_message_expires_at", "message", ["expires_at"], unique=False)
    op.create_index("ix_message_lookup", "message", ["name", "correlation_key", "key"], unique=False)
    op.create_index("ix_message_pending", "message", ["key"], unique=False, postgresql_where=sa.text("pending"))
    op.create_table(
        "message_start",
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("process_id", "correlation_key", name=op.f("pk_message_start")),
        sa.UniqueConstraint("instance_key", name=op.f("uq_message_start_instance_key")),
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_next_attempt_at", "outbox", ["next_attempt_at"], unique=False)
    op.create_table(
        "pinned_clock",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pinned_clock")),
    )
    op.create_table(
        "process_instance",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("business_id", sa.Text(), nullable=True),
        sa.Column("business_id_unique", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("parent_key", sa.BigInteger(), nullable=True),
        sa.Column("parent_element_instance_key", sa.BigInteger(), nullable=True),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("incidents", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_instance")),
    )
    op.create_index(
        "ix_process_instance_business_id",
        "process_instance",
        ["business_id"],
        unique=False,
        postgresql_where=sa.text("business_id IS NOT NULL"),
    )
    op.create_index(
        "ix_process_instance_definition_started",
        "process_instance",
        ["process_definition_key", "started_at"],
        unique=False,
    )
    op.create_index(
        "ix_process_instance_incidents",
        "process_instance",
        ["key"],
        unique=False,
        postgresql_where=sa.text("incidents > 0"),
    )
    op.create_index(
        "ix_process_instance_parent_element",
        "process_instance",
        ["parent_element_instance_key"],
        unique=False,
        postgresql_where=sa.text("parent_element_instance_key IS NOT NULL"),
    )
    op.create_index(
        "ix_process_instance_root_key",
        "process_instance",
        ["root_key"],
        unique=False,
        postgresql_where=sa.text("parent_key IS NOT NULL"),
    )
    op.create_index(
        "uq_process_instance_active_business_id",
        "process_instance",
        ["business_id"],
        unique=True,
        postgresql_where=sa.text("state = 'ACTIVE' AND business_id_unique AND parent_key IS NULL"),
    )
    op.create_table(
        "resource",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_resource")),
    )
    op.create_table(
        "revoked_token",
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_revoked_token")),
    )
    op.create_index("ix_revoked_token_expires_at", "revoked_token", ["expires_at"], unique=False)
    op.create_table(
        "signal_delivery",
        sa.Column("key", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subscription_key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("root_key", sa.BigInteger(), nullable=True),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_signal_delivery")),
    )
    op.create_table(
        "timer",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("root_key", sa.BigInteger(), nullable=True),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_timer")),
    )
    op.create_index("ix_timer_due_at", "timer", ["due_at", "key"], unique=False)
    op.create_index("ix_timer_instance_key", "timer", ["instance_key"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_user_account")),
    )
    op.create_table(
        "user_group",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_user_group")),
    )
    op.create_table(
        "user_task",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("candidate_users", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("candidate_groups", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("due_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("priority", sa.Integer(), server_default=sa.text("50"), nullable=False),
        sa.Column("form_key", sa.BigInteger(), nullable=True),
        sa.Column("external_form_reference", sa.Text(), nullable=True),
        sa.Column("custom_headers", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("business_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_task")),
    )
    op.create_index(
        "ix_user_task_assignee",
        "user_task",
        ["assignee", "key"],
        unique=False,
        postgresql_where=sa.text("assignee IS NOT NULL"),
    )
    op.create_index("ix_user_task_instance_key", "user_task", ["instance_key"], unique=False)
    op.create_index(
        "ix_user_task_open",
        "user_task",
        ["created_at", "key"],
        unique=False,
        postgresql_where=sa.text("state = 'CREATED'"),
    )
    op.create_index(
        "ix_user_task_open_groups",
        "user_task",
        ["candidate_groups"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'CREATED'"),
    )
    op.create_table(
        "decision_requirements",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("requirements_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("deployment_key", sa.BigInteger(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_hash"], ["resource.content_hash"], name=op.f("fk_decision_requirements_content_hash")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_key"], ["deployment.key"], name=op.f("fk_decision_requirements_deployment_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision_requirements")),
        sa.UniqueConstraint(
            "requirements_id", "version", name=op.f("uq_decision_requirements_requirements_id_version")
        ),
    )
    op.create_index(
        op.f("ix_decision_requirements_content_hash"), "decision_requirements", ["content_hash"], unique=False
    )
    op.create_index(
        op.f("ix_decision_requirements_deployment_key"),
        "decision_requirements",
        ["deployment_key"],
        unique=False,
    )
    op.create_table(
        "deployment_item",
        sa.Column("deployment_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("definition_key", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_deployment_item_deployment_key")),
        sa.PrimaryKeyConstraint("deployment_key", "kind", "definition_id", name=op.f("pk_deployment_item")),
    )
    op.create_table(
        "form_definition",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=True),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("deployment_key", sa.BigInteger(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_hash"], ["resource.content_hash"], name=op.f("fk_form_definition_content_hash")
        ),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_form_definition_deployment_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_form_definition")),
        sa.UniqueConstraint("form_id", "version", name=op.f("uq_form_definition_form_id_version")),
    )
    op.create_index(op.f("ix_form_definition_content_hash"), "form_definition", ["content_hash"], unique=False)
    op.create_index(op.f("ix_form_definition_deployment_key"), "form_definition", ["deployment_key"], unique=False)
    op.create_table(
        "membership",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["user_group.group_id"], name=op.f("fk_membership_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_membership_username"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("username", "group_id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_group_id"), "membership", ["group_id"], unique=False)
    op.create_table(
        "process_definition",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("deployment_key", sa.BigInteger(), nullable=False),
        sa.Column("has_start_form", sa.Boolean(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_hash"], ["resource.content_hash"], name=op.f("fk_process_definition_content_hash")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_key"], ["deployment.key"], name=op.f("fk_process_definition_deployment_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("process_id", "version", name=op.f("uq_process_definition_process_id_version")),
    )
    op.create_index(op.f("ix_process_definition_content_hash"), "process_definition", ["content_hash"], unique=False)
    op.create_index(
        op.f("ix_process_definition_deployment_key"), "process_definition", ["deployment_key"], unique=False
    )
    op.create_table(
        "decision_definition",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=True),
        sa.Column("requirements_key", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["requirements_key"],
            ["decision_requirements.key"],
            name=op.f("fk_decision_definition_requirements_key"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision_definition")),
        sa.UniqueConstraint("decision_id", "version", name=op.f("uq_decision_definition_decision_id_version")),
    )
    op.create_index(
        op.f("ix_decision_definition_requirements_key"),
        "decision_definition",
        ["requirements_key"],
        unique=False,
    )
    for table in ("element_instance", "decision_instance"):
        op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
    op.execute("INSERT INTO deployment_epoch (key, epoch) VALUES (1, 0)")


def downgrade() -> None:
    """Drop everything; partitions go with their tables."""
    op.drop_index(op.f("ix_decision_definition_requirements_key"), table_name="decision_definition")
    op.drop_table("decision_definition")
    op.drop_index(op.f("ix_process_definition_deployment_key"), table_name="process_definition")
    op.drop_index(op.f("ix_process_definition_content_hash"), table_name="process_definition")
    op.drop_table("process_definition")
    op.drop_index(op.f("ix_membership_group_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_form_definition_deployment_key"), table_name="form_definition")
    op.drop_index(op.f("ix_form_definition_content_hash"), table_name="form_definition")
    op.drop_table("form_definition")
    op.drop_table("deployment_item")
    op.drop_index(op.f("ix_decision_requirements_deployment_key"), table_name="decision_requirements")
    op.drop_index(op.f("ix_decision_requirements_content_hash"), table_name="decision_requirements")
    op.drop_table("decision_requirements")
    op.drop_index(
        "ix_user_task_open_groups",
        table_name="user_task",
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'CREATED'"),
    )
    op.drop_index("ix_user_task_open", table_name="user_task", postgresql_where=sa.text("state = 'CREATED'"))
    op.drop_index("ix_user_task_instance_key", table_name="user_task")
    op.drop_index("ix_user_task_assignee", table_name="user_task", postgresql_where=sa.text("assignee IS NOT NULL"))
    op.drop_table("user_task")
    op.drop_table("user_group")
    op.drop_table("user_account")
    op.drop_index("ix_timer_instance_key", table_name="timer")
    op.drop_index("ix_timer_due_at", table_name="timer")
    op.drop_table("timer")
    op.drop_table("signal_delivery")
    op.drop_index("ix_revoked_token_expires_at", table_name="revoked_token")
    op.drop_table("revoked_token")
    op.drop_table("resource")
    op.drop_index(
        "uq_process_instance_active_business_id",
        table_name="process_instance",
        postgresql_where=sa.text("state = 'ACTIVE' AND business_id_unique AND parent_key IS NULL"),
    )
    op.drop_index(
        "ix_process_instance_root_key",
        table_name="process_instance",
        postgresql_where=sa.text("parent_key IS NOT NULL"),
    )
    op.drop_index(
        "ix_process_instance_parent_element",
        table_name="process_instance",
        postgresql_where=sa.text("parent_element_instance_key IS NOT NULL"),
    )
    op.drop_index(
        "ix_process_instance_incidents",
        table_name="process_instance",
        postgresql_where=sa.text("incidents > 0"),
    )
    op.drop_index("ix_process_instance_definition_started", table_name="process_instance")
    op.drop_index(
        "ix_process_instance_business_id",
        table_name="process_instance",
        postgresql_where=sa.text("business_id IS NOT NULL"),
    )
    op.drop_table("process_instance")
    op.drop_table("pinned_clock")
    op.drop_index("ix_outbox_next_attempt_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("message_start")
    op.drop_index("ix_message_pending", table_name="message", postgresql_where=sa.text("pending"))
    op.drop_index("ix_message_lookup", table_name="message")
    op.drop_index("ix_message_expires_at", table_name="message")
    op.drop_table("message")
    op.drop_index("ix_job_instance_key", table_name="job")
    op.drop_index("ix_job_available", table_name="job", postgresql_where=sa.text("ended_at IS NULL AND retries > 0"))
    op.drop_table("job")
    op.drop_table("instance_state")
    op.drop_index("ix_incident_instance_key", table_name="incident")
    op.drop_index("ix_incident_element_instance_key", table_name="incident")
    op.drop_index("ix_incident_active", table_name="incident", postgresql_where=sa.text("state = 'ACTIVE'"))
    op.drop_table("incident")
    op.drop_index("ix_idempotency_key_created_at", table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_index("ix_event_subscription_instance_key", table_name="event_subscription")
    op.drop_index("ix_event_subscription_event", table_name="event_subscription")
    op.drop_table("event_subscription")
    op.drop_index("ix_element_instance_instance_key", table_name="element_instance")
    op.drop_table("element_instance")
    op.drop_table("deployment_epoch")
    op.drop_table("deployment")
    op.drop_index("ix_decision_instance_instance_key", table_name="decision_instance")
    op.drop_index("ix_decision_instance_definition", table_name="decision_instance")
    op.drop_table("decision_instance")
    op.drop_table("api_client")
    op.execute(sa.schema.DropSequence(sa.Sequence("key_block")))
