package rest

// Role says what a peer may do. It follows from the listener, or from the
// token that a request carries.
type Role uint8

const (
	// RoleReader sees everything and changes nothing.
	RoleReader Role = 1
	// RoleAdmin may do everything.
	RoleAdmin Role = 2
	// RoleSupervisor may act on every line, agent and queue; every such action is audited.
	RoleSupervisor Role = 3
	// RoleAgent may act on one agent's line: their own.
	RoleAgent Role = 4
	// RoleIntegrator is a system that acts for agents, routes calls and keeps callbacks.
	RoleIntegrator Role = 5
)

// roleNames is never changed.
var roleNames = []string{"none", "reader", "admin", "supervisor", "agent", "integrator"}

// String returns the role in lower case.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return roleNames[0]
}

// ParseRole reads what Role.String writes.
func ParseRole(name string) (Role, bool) {
	for i, n := range roleNames {
		if i > 0 && n == name {
			return Role(i), true
		}
	}
	return 0, false
}

// roleSet is a set of roles.
type roleSet uint8

func rolesOf(rs ...Role) roleSet {
	var s roleSet
	for _, r := range rs {
		s |= 1 << r
	}
	return s
}

func (s roleSet) has(r Role) bool { return r != 0 && s&(1<<r) != 0 }

func (s roleSet) names() []string {
	var out []string
	for i, n := range roleNames {
		if s.has(Role(i)) {
			out = append(out, n)
		}
	}
	return out
}

// The sets that the table uses. Never changed.
var (
	everybody = rolesOf(RoleReader, RoleAdmin, RoleSupervisor, RoleAgent, RoleIntegrator)
	workers   = rolesOf(RoleAdmin, RoleSupervisor, RoleAgent, RoleIntegrator) // on a line; an agent only on their own
	routers   = rolesOf(RoleAdmin, RoleSupervisor, RoleIntegrator)
	overseers = rolesOf(RoleReader, RoleAdmin, RoleSupervisor, RoleIntegrator) // of everybody's work
	leaders   = rolesOf(RoleAdmin, RoleSupervisor)
	hearers   = rolesOf(RoleAdmin, RoleSupervisor, RoleAgent) // an agent only where it is configured, and their own
	admins    = rolesOf(RoleAdmin)
)

// permission is one row of the table of who may do what.
type permission struct {
	roles  roleSet
	forced bool // audited, whoever does it
}

// permissions is the whole table, by operation id; routes that are no
// operation of the API stand under their pattern. What is not in it is refused.
// It is never changed.
var permissions = map[string]permission{
	"GET /{$}":                 {roles: everybody},
	"GET /static/status.css":   {roles: everybody},
	"GET /static/status.js":    {roles: everybody},
	"GET /static/common.js":    {roles: everybody},
	"GET /static/ici.js":       {roles: everybody},
	"GET /static/ctips.js":     {roles: everybody},
	"GET /static/interface.js": {roles: everybody},
	"GET /ici":                 {roles: everybody},
	"GET /ctips":               {roles: everybody},
	"GET /campaigns":           {roles: everybody},
	"GET /static/campaigns.js": {roles: everybody},
	"GET /static/icon.svg":     {roles: everybody},
	"GET /api/v1/openapi.json": {roles: everybody},
	"GET /metrics":             {roles: everybody},

	"getHealth":     {roles: everybody},
	"getReady":      {roles: everybody},
	"getStatus":     {roles: everybody},
	"getSnapshot":   {roles: everybody},
	"streamEvents":  {roles: everybody},
	"listCalls":     {roles: everybody},
	"getCall":       {roles: everybody},
	"explainCall":   {roles: everybody},
	"listParking":   {roles: everybody},
	"listAgents":    {roles: everybody},
	"getAgent":      {roles: everybody},
	"listQueues":    {roles: everybody},
	"getQueue":      {roles: everybody},
	"listCallbacks": {roles: everybody},

	"listCallRecords":        {roles: overseers},
	"listSegments":           {roles: overseers},
	"listAgentStates":        {roles: overseers},
	"listAttempts":           {roles: overseers},
	"listDispositionRecords": {roles: overseers},
	"getQueueLog":            {roles: overseers},
	"getStatistics":          {roles: overseers},
	"getLiveStatistics":      {roles: everybody},

	"acceptConnection":        {roles: workers},
	"rejectConnection":        {roles: workers},
	"deflectConnection":       {roles: workers},
	"dropConnection":          {roles: workers},
	"dropAllConnection":       {roles: workers},
	"holdConnection":          {roles: workers},
	"retrieveConnection":      {roles: workers},
	"alternateConnection":     {roles: workers},
	"consultConnection":       {roles: workers},
	"transferConnection":      {roles: workers},
	"conferenceConnection":    {roles: workers},
	"reconnectConnection":     {roles: workers},
	"blindTransferConnection": {roles: workers},
	"dropPartyConnection":     {roles: workers},
	"muteConnection":          {roles: workers},
	"unmuteConnection":        {roles: workers},
	"parkConnection":          {roles: workers},
	"playConnection":          {roles: workers},
	"stopPlayConnection":      {roles: workers},
	"sendDigitsConnection":    {roles: workers},
	"requireWrapUpConnection": {roles: workers},
	"endWrapUpConnection":     {roles: workers},
	"disposeConnection":       {roles: workers},
	"startRecording":          {roles: workers},
	"stopRecording":           {roles: workers},
	"pauseRecording":          {roles: workers},
	"resumeRecording":         {roles: workers},
	"getData":                 {roles: workers},
	"replaceData":             {roles: workers},
	"changeData":              {roles: workers},

	"loginAgent":       {roles: workers},
	"setAgentState":    {roles: workers},
	"setAgentQueues":   {roles: workers},
	"makeCall":         {roles: workers},
	"pickUpCall":       {roles: workers},
	"dropLine":         {roles: workers},
	"forceAgentState":  {roles: leaders, forced: true},
	"panicLogoutAgent": {roles: leaders, forced: true},

	"startRecordingOfCall":  {roles: leaders, forced: true},
	"stopRecordingOfCall":   {roles: leaders, forced: true},
	"pauseRecordingOfCall":  {roles: leaders, forced: true},
	"resumeRecordingOfCall": {roles: leaders, forced: true},

	"endCall":        {roles: leaders, forced: true},
	"routeCall":      {roles: routers},
	"rejectRoute":    {roles: routers},
	"createCallback": {roles: workers},
	"updateCallback": {roles: routers},
	"pauseQueue":     {roles: leaders, forced: true},
	"resumeQueue":    {roles: leaders, forced: true},

	"listSupervisions": {roles: leaders},
	"startSupervision": {roles: leaders, forced: true},
	"setSupervision":   {roles: leaders, forced: true},
	"takeOver":         {roles: leaders, forced: true},
	"endSupervision":   {roles: leaders, forced: true},

	"getICI":               {roles: overseers},
	"listICIClients":       {roles: leaders},
	"listICIItems":         {roles: leaders},
	"listICIUsers":         {roles: leaders},
	"listICIQueues":        {roles: leaders},
	"listICISubscriptions": {roles: leaders},
	"getICITrace":          {roles: admins},
	"startICI":             {roles: admins, forced: true},
	"stopICI":              {roles: admins, forced: true},
	"reloadICI":            {roles: admins, forced: true},
	"traceICI":             {roles: admins, forced: true},
	"setICILogLevel":       {roles: admins, forced: true},

	"getSAPphone":    {roles: overseers},
	"startSAPphone":  {roles: admins, forced: true},
	"stopSAPphone":   {roles: admins, forced: true},
	"reloadSAPphone": {roles: admins, forced: true},

	"getCTIPS":          {roles: overseers},
	"listCTIPSSessions": {roles: leaders},
	"closeCTIPSSession": {roles: leaders, forced: true},
	"reloadCTIPS":       {roles: admins, forced: true},

	"listRecordings":  {roles: hearers},
	"getRecording":    {roles: hearers},
	"playRecording":   {roles: hearers, forced: true},
	"verifyRecording": {roles: leaders},

	"listCampaigns":         {roles: overseers},
	"getCampaign":           {roles: overseers},
	"getCampaignBudget":     {roles: overseers},
	"listCampaignReasons":   {roles: overseers},
	"listCampaignDecisions": {roles: overseers},
	"getCampaignReport":     {roles: overseers},
	"listCampaignRecords":   {roles: overseers},
	"startCampaign":         {roles: leaders, forced: true},
	"pauseCampaign":         {roles: leaders, forced: true},
	"stopCampaign":          {roles: leaders, forced: true},
	"overrideCampaign":      {roles: admins, forced: true},
	"endOverride":           {roles: admins, forced: true},
	"listSamples":           {roles: leaders},
	"playSample":            {roles: leaders, forced: true},
	"labelSample":           {roles: leaders, forced: true},

	"listLists":        {roles: overseers},
	"getList":          {roles: overseers},
	"createList":       {roles: routers},
	"removeList":       {roles: admins, forced: true},
	"importList":       {roles: admins, forced: true},
	"exportList":       {roles: admins, forced: true},
	"listImports":      {roles: overseers},
	"getImport":        {roles: overseers},
	"listImportErrors": {roles: overseers},
	"resumeImport":     {roles: admins, forced: true},
	"cancelImport":     {roles: admins, forced: true},
	"putLeads":         {roles: routers},
	"listLeads":        {roles: routers},
	"getLead":          {roles: routers},
	"changeLead":       {roles: routers},
	"removeLead":       {roles: admins, forced: true},
	"explainLead":      {roles: routers},
	"listDoNotCall":    {roles: routers},
	"checkDoNotCall":   {roles: routers},
	"addDoNotCall":     {roles: routers},
	"removeDoNotCall":  {roles: admins, forced: true},
	"importDoNotCall":  {roles: admins, forced: true},

	"applyObjects": {roles: admins, forced: true},
	"getObjects":   {roles: leaders},
	"listAudit":    {roles: admins},
}
