package test
import ("testing";"fmt";"context";"time";"strings";"regexp";"strowger/ari/link";"strowger/ari/sandbox")
func TestZZ(t *testing.T){
 in := ownAsterisk(t, func(o *sandbox.Options){ o.Extra = map[string]string{"logger_local.conf": "[logfiles](+)\nverbose.log => verbose(9),debug(5)\n"} })
 st, err := link.NewStream(link.Config{URL: in.ARIURL(), User: in.Values().ARIUser, Password: in.Values().ARIPassword, App:"strowger"})
 if err!=nil {t.Fatal(err)}
 ids := make(chan string, 10)
 re := regexp.MustCompile(`"channel":\{"id":"([^"]+)"`)
 st.Start(t.Context()); defer st.Stop()
 go func(){ for { fs, err := st.Next(context.Background()); if err!=nil {return}; for _,f:=range fs { if len(f.Data)>0 { d:=string(f.Data);
   if strings.Contains(d, `"StasisStart"`) { ids <- re.FindStringSubmatch(d)[1] }
   if strings.Contains(d, "Varset") || strings.Contains(d,"ChannelDialplan") {continue}
   if len(d)>130 {d=d[:130]}; fmt.Println(f.At.Format("05.000"), d)} else {fmt.Println(f.Kind)} } } }()
 setHeartbeat(t, in, 0)
 in.CLI(t.Context(), "core set debug 5")
 for _, bridged := range []bool{false,true} {
 fmt.Println("=== bridged", bridged)
 a := callers(t,in).Dial("600")
 id := <-ids
 ariDo(t,in,"POST","/channels/"+id+"/answer")
 a.MustBeAnswered()
 if bridged {
 ariDo(t,in,"POST","/bridges/b1?type=mixing")
 ariDo(t,in,"POST","/bridges/b1/addChannel?channel="+id)
 } else { ariDo(t,in,"POST","/channels/"+id+"/moh") }
 ctx,c := contextFor(t, 5*time.Second)
 a.Heard().WaitFrames(ctx, 20)
 c()
 fmt.Println(time.Now().Format("05.000"), "HANGUP")
 a.MustHangup()
 fmt.Println(time.Now().Format("05.000"), "200 OK BYE")
 eventually(t, "gone", func() bool { return !strings.Contains(leftovers(t,in),"channel") })
 fmt.Println(time.Now().Format("05.000"), "gone")
 select { case <-time.After(1500*time.Millisecond): }
 }
 out,_ := in.CLI(t.Context(), "core show channels"); fmt.Println(out)
}
