/*
 * The sleep flag of a core (docs/internals/mailbox.md): no mail is left to a core that sleeps.
 *
 * Two cores, alike. Each runs turns as CoreLoop does: take the mail, perhaps post some, wake the other
 * if it sleeps, set the own flag, look again for mail, enter the kernel, clear the flag.
 *
 * Memory: every store goes into a buffer of its core and location, from where it reaches memory at any
 * later time; a core reads its own buffer first. Stores to different locations may overtake each other
 * (as in PSO, of which x86's TSO is a part). A fence and a read-modify-write empty the core's buffers.
 *
 * Left out, one at a time, so that the model is seen to find what is wrong without it:
 *   -DNO_SENDER_FENCE   the fence between posting mail and reading the flag
 *   -DNO_SLEEPER_FENCE  the fence between setting the flag and looking for mail
 *   -DNO_RECHECK        looking for mail after the flag was set
 *
 * spin -a mailbox.pml && cc -O2 -o pan pan.c && ./pan
 */

#ifndef MAIL
#define MAIL 3		/* parcels that each core posts */
#endif

#define OTHER (1 - me)

byte tail[2];		/* parcels posted by core i, in memory; the other core reads it */
bool asleep[2];		/* core i's flag, in memory */

bool tail_is_buffered[2];
byte tail_buffer[2];
bool asleep_is_buffered[2];
bool asleep_buffer[2];

byte taken[2];		/* parcels that core i has taken: its head, which nobody else needs here */
byte posted[2];		/* parcels that core i has posted */
byte wakes[2];		/* completions that wake core i: they stay until it enters */

inline flush(core)
{
	if
	:: tail_is_buffered[core] ->
		tail[core] = tail_buffer[core];
		tail_is_buffered[core] = false
	:: else
	fi;
	if
	:: asleep_is_buffered[core] ->
		asleep[core] = asleep_buffer[core];
		asleep_is_buffered[core] = false
	:: else
	fi
}

inline fence(core)
{
	d_step { flush(core) }
}

inline store_asleep(core, value)
{
	d_step {
		asleep_buffer[core] = value;
		asleep_is_buffered[core] = true
	}
}

/* Takes whatever is there. */
inline take_mail()
{
	taken[me] = tail[OTHER]
}

/* A client's request may want something of the other core. */
inline post_mail()
{
	if
	:: posted[me] < MAIL ->
		d_step {
			posted[me]++;
			tail_buffer[me] = posted[me];
			tail_is_buffered[me] = true;
			has_mailed = true
		}
	:: true
	fi
}

/* The wake is a submission: the kernel sees it at this core's next enter. */
inline wake_mailed()
{
	if
	:: has_mailed ->
		has_mailed = false;
#ifndef NO_SENDER_FENCE
		fence(me);
#endif
		if
		:: asleep[OTHER] ->
			atomic {
				flush(me);
				if
				:: asleep[OTHER] ->
					asleep[OTHER] = false;
					wants_wake = true
				:: else
				fi
			}
		:: else
		fi
	:: else
	fi
}

inline submit()
{
	d_step {
		if
		:: wants_wake ->
			wakes[OTHER]++;
			wants_wake = false
		:: else
		fi
	}
}

inline enter()
{
	store_asleep(me, true);
#ifndef NO_SLEEPER_FENCE
	fence(me);
#endif
	if
#ifndef NO_RECHECK
	:: taken[me] != tail[OTHER] ->
		store_asleep(me, false);
		submit();
		/* Completions are walked here as well, those of wakes among them. */
		wakes[me] = 0
	:: taken[me] == tail[OTHER] ->
#else
	:: true ->
#endif
		submit();
end_asleep:	if
		:: atomic { wakes[me] > 0 -> wakes[me] = 0 }
		/* A client's request wakes a core as well. */
		:: posted[me] < MAIL
		fi;
		store_asleep(me, false)
	fi
}

active [2] proctype core()
{
	byte me = _pid;
	bool has_mailed;
	bool wants_wake;

	do
	:: take_mail();
		post_mail();
		wake_mailed();
		enter()
	od
}

/* Buffers drain by themselves, in any order and at any time. */
active proctype memory()
{
end_drained:
	do
	:: d_step { tail_is_buffered[0] -> tail[0] = tail_buffer[0]; tail_is_buffered[0] = false }
	:: d_step { tail_is_buffered[1] -> tail[1] = tail_buffer[1]; tail_is_buffered[1] = false }
	:: d_step { asleep_is_buffered[0] -> asleep[0] = asleep_buffer[0];
		asleep_is_buffered[0] = false }
	:: d_step { asleep_is_buffered[1] -> asleep[1] = asleep_buffer[1];
		asleep_is_buffered[1] = false }
	od
}

/* When nothing can happen any more, both cores sleep: all mail must have been taken. */
active proctype monitor()
{
	timeout;
	assert(posted[0] == MAIL && posted[1] == MAIL);
	assert(taken[0] == posted[1]);
	assert(taken[1] == posted[0]);
}
