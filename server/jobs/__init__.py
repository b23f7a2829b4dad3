"""What happens later or elsewhere: jobs for workers, built-in handlers, timers, the outbox; workers and clocks."""
