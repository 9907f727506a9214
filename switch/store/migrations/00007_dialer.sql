-- Who is to be called, by whom it was tried, and who must not be called. The
-- tables belong to package dialer/list. Times are microseconds UTC, 0 where
-- there is none.

-- Numbers that are given once and never again: of leads, lists and imports.
CREATE TABLE dial_ids (
	name TEXT NOT NULL PRIMARY KEY,
	last INTEGER NOT NULL
);

CREATE TABLE dial_lists (
	no INTEGER NOT NULL PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	mapping TEXT NOT NULL,
	policy TEXT NOT NULL,
	consent_source TEXT NOT NULL,
	created_us INTEGER NOT NULL,
	closed INTEGER NOT NULL
);

-- Every set of time zones and state that a lead or number has, kept once.
CREATE TABLE zone_sets (
	no AUTOID,
	zones TEXT NOT NULL,
	region TEXT NOT NULL,
	UNIQUE (zones, region)
);

-- state: 0 ready, 1 later, 2 taken, 3 done, 4 excluded, 5 hidden by an import
-- that is all or nothing. agent: who alone may call it now.
CREATE TABLE leads (
	id INTEGER NOT NULL PRIMARY KEY,
	list INTEGER NOT NULL,
	ref TEXT NOT NULL,
	state INTEGER NOT NULL,
	rank INTEGER NOT NULL,
	zones INTEGER NOT NULL,
	agent TEXT NOT NULL,
	priority INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	waits TEXT NOT NULL,
	next_us INTEGER NOT NULL,
	not_before_us INTEGER NOT NULL,
	not_after_us INTEGER NOT NULL,
	callback_us INTEGER NOT NULL,
	callback_agent TEXT NOT NULL,
	callback_mine INTEGER NOT NULL,
	owner TEXT NOT NULL,
	at_number INTEGER NOT NULL,
	attempt TEXT NOT NULL,
	seq INTEGER NOT NULL,
	result TEXT NOT NULL,
	result_us INTEGER NOT NULL,
	consent INTEGER NOT NULL,
	consent_source TEXT NOT NULL,
	consent_us INTEGER NOT NULL,
	name TEXT NOT NULL,
	fields TEXT NOT NULL,
	import_no INTEGER NOT NULL
);
CREATE UNIQUE INDEX leads_ref ON leads (list, ref);
CREATE INDEX leads_next ON leads (list, agent, zones, rank, id) WHERE state = 0;
CREATE INDEX leads_state ON leads (list, state, zones);
CREATE INDEX leads_later ON leads (next_us) WHERE state = 1;
CREATE INDEX leads_promised ON leads (callback_us) WHERE state = 0 AND callback_agent <> '';

CREATE TABLE lead_numbers (
	lead INTEGER NOT NULL,
	n INTEGER NOT NULL,
	number TEXT NOT NULL,
	kind INTEGER NOT NULL,
	zones INTEGER NOT NULL,
	closed TEXT NOT NULL,
	proofs INTEGER NOT NULL,
	proof_us INTEGER NOT NULL,
	PRIMARY KEY (lead, n)
);
CREATE INDEX lead_numbers_number ON lead_numbers (number);

CREATE TABLE tries (
	attempt TEXT NOT NULL PRIMARY KEY,
	lead INTEGER NOT NULL,
	list INTEGER NOT NULL,
	campaign TEXT NOT NULL,
	number TEXT NOT NULL,
	claimed_us INTEGER NOT NULL,
	settled_us INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	counted INTEGER NOT NULL,
	locked_us INTEGER NOT NULL,
	result TEXT NOT NULL,
	agent TEXT NOT NULL,
	code TEXT NOT NULL
);
CREATE INDEX tries_number ON tries (number, claimed_us);
CREATE INDEX tries_lead ON tries (lead, claimed_us);
CREATE INDEX tries_claimed ON tries (claimed_us);
CREATE INDEX tries_open ON tries (campaign) WHERE settled_us = 0;

-- scope: system, tenant, or campaign: and its id.
CREATE TABLE dnc (
	number TEXT NOT NULL,
	scope TEXT NOT NULL,
	source TEXT NOT NULL,
	at_us INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	by_whom TEXT NOT NULL,
	PRIMARY KEY (number, scope)
);
CREATE INDEX dnc_at ON dnc (at_us);

CREATE TABLE dnc_prefixes (
	prefix TEXT NOT NULL,
	scope TEXT NOT NULL,
	source TEXT NOT NULL,
	at_us INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	by_whom TEXT NOT NULL,
	PRIMARY KEY (prefix, scope)
);

-- at_row and at_byte are where the next chunk begins; first_lead and last_lead
-- enclose the leads that it has made.
CREATE TABLE imports (
	no INTEGER NOT NULL PRIMARY KEY,
	list INTEGER NOT NULL,
	file TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	mode TEXT NOT NULL,
	state TEXT NOT NULL,
	at_row INTEGER NOT NULL,
	at_byte INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	good INTEGER NOT NULL,
	bad INTEGER NOT NULL,
	twice INTEGER NOT NULL,
	blocked INTEGER NOT NULL,
	first_lead INTEGER NOT NULL,
	last_lead INTEGER NOT NULL,
	options TEXT NOT NULL,
	error TEXT NOT NULL,
	by_whom TEXT NOT NULL,
	started_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL
);
CREATE INDEX imports_list ON imports (list);

CREATE TABLE import_errors (
	import_no INTEGER NOT NULL,
	line INTEGER NOT NULL,
	col TEXT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (import_no, line)
);

-- What somebody wants a campaign to do, over restarts.
CREATE TABLE dial_runs (
	campaign TEXT NOT NULL PRIMARY KEY,
	wanted TEXT NOT NULL,
	why TEXT NOT NULL,
	by_whom TEXT NOT NULL,
	at_us INTEGER NOT NULL,
	override_from_us INTEGER NOT NULL,
	override_us INTEGER NOT NULL,
	override_why TEXT NOT NULL,
	override_by TEXT NOT NULL,
	spent INTEGER NOT NULL,
	begun_us INTEGER NOT NULL,
	learned TEXT NOT NULL
);

-- Every time that somebody has let a campaign go beyond its budget.
CREATE TABLE dial_overrides (
	campaign TEXT NOT NULL,
	from_us INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	by_whom TEXT NOT NULL,
	why TEXT NOT NULL,
	ended_by TEXT NOT NULL,
	PRIMARY KEY (campaign, from_us)
);

-- The first seconds of calls that were taken for a machine, for a person to judge.
CREATE TABLE screen_samples (
	attempt TEXT NOT NULL PRIMARY KEY,
	campaign TEXT NOT NULL,
	verdict TEXT NOT NULL,
	file TEXT NOT NULL,
	at_us INTEGER NOT NULL,
	truth TEXT NOT NULL,
	by_whom TEXT NOT NULL,
	judged_us INTEGER NOT NULL
);
CREATE INDEX screen_samples_campaign ON screen_samples (campaign, at_us);
