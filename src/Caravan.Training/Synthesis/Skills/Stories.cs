namespace Caravan.Training.Synthesis;

/// <summary>Short stories from a grammar: somebody wants something, something is in the way, somebody helps.</summary>
internal sealed class Stories : Skill
{
    private static readonly Phrase Asks = "(tell|write|tell me|write me|give me|make up) a [short |little |nice ]story about {heroes}[, please][.]\n[please ](tell|write) [me ]a [short ]story with {heroes}[.]\n(can|could) you (tell|write) [me ]a [short ]story about {heroes}?\nI (want|would like) a [short ]story about {heroes}[.]\n[a ]story about {heroes}[, please]";
    private static readonly Phrase AsksAny = "(tell|write|tell me|write me|give me) a [short |little |nice |good ]story[, please][.]\n(can|could) you (tell|write) [me ]a [short ]story?\nI (want|would like) [to hear ]a story[.]\n(once upon a time|a story please|tell me something nice|read me a story)[.]";
    private static readonly Phrase AsksChinese = "(讲|给我讲|请讲|写)一个[关于]{hero}的[小]故事[。]\n我想听{hero}的故事[。]";

    private static readonly Phrase Beginning = "(Once upon a time|One day|Long ago|Once), there was a {mood} {hero} (named|called) {name}.\nA {mood} {hero} (named|called) {name} lived (near|beside|behind) {place}.\n{name} was a {mood} {hero} who lived (near|by) {place}.";
    private static readonly Phrase Wish = "{name} (wanted|wished) to (find|have|see) {a_color} {thing}.\n{name} (loved|liked) {a_color} {thing} more than anything.\nEvery (day|morning), {name} (looked for|dreamed of) {a_color} {thing}.\n{name} had {a_color} {thing} and took it everywhere.";
    private static readonly Phrase Trouble = "(But one day|Then|One morning), the {color} {thing} (was gone|was lost|fell into the water|broke).\n(But|Then) a (big|strong|cold) (wind|storm|rain) came, and the {color} {thing} (flew away|was gone).\n(But|Then) a (proud|angry|hungry) {thief} took the {color} {thing} and ran away.\n(But|Then) {name} got lost in the dark and (could not find the way home|was afraid).";
    private static readonly Phrase Search = "{name} looked (under the bed, behind the door|in the grass, behind the trees|near the river, on the hill) and in {place}, but (it was not there|found nothing).\n{name} sat down (under a tree|on a stone|by the road) and (cried|thought for a long time).\n{name} walked (all day|for three days|until the evening) and asked everybody.";
    private static readonly Phrase Help = "(Then|At last|In the evening), {friend} the {other} came and said, \"(Do not be sad|Why are you sad|What is the matter), {name}? I (will|can) help you.\"\n{An_other} named {friend} heard it and said, \"(Let us|We can) look together.\"\n{friend}, a (kind|small|clever|friendly) {other}, (stopped|came by) and asked, \"Can I help you?\"";
    private static readonly Phrase Deed = "Together they (went|walked|ran) to {place} and found the {color} {thing} (under a leaf|behind a door|in a tree|in a box|beside a stone).\n{friend} (knew|saw|remembered) where it was: the {color} {thing} was (in|near) {place}.\nThey (worked|searched) together, and before night the {color} {thing} was (back|there again).";
    private static readonly Phrase Thanks = "{name} was (very happy|so glad) and said, \"Thank you, {friend}!\"\n\"Thank you,\" said {name}, and gave {friend} {gift}.\n{name} (laughed|smiled|danced) and (hugged|thanked) {friend}.";
    private static readonly Phrase Ending = "(From that day on|After that), {name} and {friend} were (best friends|good friends|always together).\n{name} (learned|knew now) that (friends help each other|it is good to ask for help|nobody has to be alone|sharing makes everybody happy).\nThey (went home|sat by the fire) and (ate|had) {food}, and (everybody was happy|the moon was bright).";

    private static readonly Phrase Chinese = "从前有一只{mood}{hero}，名叫{name}。一天，{name}的{thing}不见了。{name}很难过。(它找了很久，也没有找到|它到处找，可是没有)。这时，{other}来了，说：“(别难过，我帮你|我们一起找吧)。”(它们在{place}找到了{thing}|{other}在{place}看见了{thing})。{name}很高兴，说：“谢谢你！”(从此它们成了好朋友|它们一起高兴地回家了)。";

    private static readonly string[] Moods = ["little", "small", "young", "brave", "kind", "curious", "lonely", "happy", "quiet", "clever", "shy", "lazy"];
    private static readonly string[] Heroes = [.. Words.Animals, "girl", "boy", "king", "queen", "prince", "farmer", "fisherman", "baker", "robot", "dragon", "giant", "witch", "camel"];
    private static readonly string[] Places = ["the old mill", "the river", "the dark forest", "the green hill", "the sea", "the village", "the castle", "the lake", "the market", "the big tree", "the old bridge", "the desert", "the garden", "the mountain"];
    private static readonly string[] Gifts = ["a flower", "an apple", "a piece of cake", "a hug", "a song", "half of the bread", "a warm scarf", "a shiny stone"];
    private static readonly string[] Names = ["Pip", "Lulu", "Momo", "Tiko", "Nelly", "Toby", "Fips", "Bruno", "Mina", "Kiki", "Otto", "Lotte", "Rudi", "Bibi", "Samu", "Dora"];
    private static readonly string[] ChineseHeroes = ["兔子", "小猫", "小狗", "狐狸", "小熊", "小鸟", "猴子", "小马", "乌龟", "老虎"];
    private static readonly string[] ChineseThings = ["帽子", "雨伞", "铃铛", "气球", "书包", "风筝", "钥匙", "围巾"];

    public override string Name => "stories";

    public override string Summary => "Tells short stories about what it is asked for.";

    public override double Weight => 0.02;

    public override void Converse(Conversation conversation, Draw draw)
    {
        Cast cast = draw.Content(() => Cast.Of(draw), each => $"{each.Hero} {each.Thing}");
        if (cast.IsChinese)
        {
            conversation.Ask(AsksChinese.Say(draw, ("hero", cast.Hero)));
            conversation.Answer(Tell(draw, cast), new ContainsCheck(cast.Hero));
            return;
        }

        bool any = draw.Chance(0.2), both = !any && draw.Chance(0.6);
        string heroes = cast.Hero.WithArticle() + (both ? $" and {cast.Thing.WithArticle()}" : "");
        conversation.Ask(draw.Typed((any ? AsksAny : Asks).Say(draw, ("heroes", heroes)).Capitalized()));
        conversation.Answer(Tell(draw, cast), any ? new ContainsCheck(".") : both ? new ContainsCheck(cast.Hero, cast.Thing) : new ContainsCheck(cast.Hero));
    }

    public override string Text(Draw draw) => Tell(draw, draw.Content(() => Cast.Of(draw), each => $"{each.Hero} {each.Thing}"));

    private static string Tell(Draw draw, Cast cast)
    {
        string color = draw.Pick(Words.Colors);
        (string, string)[] slots =
        [
            ("hero", cast.Hero), ("thing", cast.Thing), ("name", cast.Name), ("other", cast.Other), ("thief", cast.Thief), ("friend", cast.Friend), ("mood", cast.Mood), ("color", color), ("a_color", color.WithArticle()),
            ("An_other", cast.Other.WithArticle().Capitalized()), ("place", draw.Pick(Places)), ("gift", draw.Pick(Gifts)), ("food", draw.Pick(Words.Foods)),
        ];
        if (cast.IsChinese) return Chinese.Say(draw, [.. slots[..7], ("place", draw.Pick<string>(["河边", "树下", "山上", "花园里", "桥边", "草地上"]))]);
        List<Phrase> plot = [Beginning, Wish, Trouble, Help, Deed, Thanks];
        if (draw.Chance(0.5)) plot.Insert(3, Search);
        if (draw.Chance(0.8)) plot.Add(Ending);
        return string.Join(' ', plot.Select(phrase => phrase.Say(draw, slots)));
    }

    /// <summary>Who a story is about.</summary>
    private sealed record Cast(string Hero, string Thing, string Name, string Other, string Thief, string Friend, string Mood, bool IsChinese)
    {
        public static Cast Of(Draw draw)
        {
            if (draw.Chance(0.12))
            {
                List<string> both = draw.Several(ChineseHeroes, 2);
                return new(both[0], draw.Pick(ChineseThings), draw.Pick<string>(["豆豆", "圆圆", "乐乐", "毛毛", "点点"]), both[1], "", "", draw.Pick<string>(["小小的", "可爱的", "聪明的", "勇敢的"]), true);
            }

            List<string> heroes = draw.Several(Heroes, 3), names = draw.Several(Names, 2);
            return new(heroes[0], draw.Pick(Words.Things), names[0], heroes[1], heroes[2], names[1], draw.Pick(Moods), false);
        }
    }
}
