namespace Caravan.Training.Synthesis;

/// <summary>
/// Questions answered from a text that is given with them. The answer says whom it is about and quotes what the text says of them, then names what is asked for and finds it
/// in the quotation, or does not; only then it is a sentence, always in the same words. A small model copies on from a name easily, and hardly finds in one step what
/// belongs to whom, or that something is missing.
/// <code>
/// &gt; Lars: Lars is a vet by profession. He has a pig.
/// &gt; age: -
/// The text does not say that.
/// </code>
/// </summary>
internal sealed class Reading : Skill
{
    private const string NotThere = "The text does not say that.";
    private const string NotThereChinese = "文中没有提到。";
    private const string Nothing = "-";

    /// <summary>How often something is asked for that the text does not say.</summary>
    private const double Missing = 0.25;

    private static readonly Phrase Frames = new("""
        {text}\n{question}
        {text}\n{question}
        {text}\n\n{question}
        {text} {question}
        {question}\n{text}
        {question}\n\n{text}
        Text: {text}\nQuestion: {question}
        Context: {text}\nQuestion: {question}
        Context: {text}\n\n{question}
        Read this: {text}\n{question}
        Here is a text: {text}\n{question}
        {text}\n(Answer|Tell me)[ from the text]: {question}
        Given the text "{text}", {question}
        Use the text to answer. {text} {question}
        """);

    private static readonly Phrase ChineseFrames = new("""
        {text}\n{question}
        {text}{question}
        {question}\n{text}
        文章：{text}\n问题：{question}
        请根据下文回答问题。{text}\n{question}
        阅读：{text}\n{question}
        """);

    public override string Name => "context";

    public override string Summary => "Answers questions from a text given with them.";

    public override double Weight => 0.36;

    public override void Converse(Conversation conversation, Draw draw)
    {
        World world = draw.Pick(WorldCatalog.All);
        Fact asked = world.Asked(draw);
        List<Fact> facts = Surrounded(world, asked, draw);
        if (draw.Chance(Missing)) facts = Without(world, facts, asked, draw);
        List<string> sentences = World.Sentences(draw, facts);
        conversation.Ask(Frame(world, draw, World.Joined(sentences), draw.Typed(asked.Ask(draw))));
        conversation.Answer(Answer(draw, world, facts, sentences, asked), CheckOf(world, facts, asked));
        // What is held out is asked once: the other facts may be of either split.
        if (draw.Split == Split.HeldOut || facts.Count < 2 || !draw.Chance(0.3)) return;
        foreach (Fact next in Several(world, facts, Math.Min(2, facts.Count - 1), draw))
        {
            conversation.Ask(draw.Typed((draw.Chance(0.3) ? "And " : "") + next.Ask(draw)));
            conversation.Answer(Answer(draw, world, facts, sentences, next), CheckOf(world, facts, next));
        }
    }

    public override string Text(Draw draw)
    {
        World world = draw.Pick(WorldCatalog.All);
        List<string> paragraphs = [];
        for (int i = draw.Between(2, 4); i > 0; i--)
        {
            List<Fact> facts = [.. world.Subjects(draw, draw.Between(1, 3)).SelectMany(subject => world.Facts(draw, subject, draw.Between(1, 4)))];
            List<string> sentences = World.Sentences(draw, facts);
            string text = World.Joined(sentences);
            if (draw.Chance(0.6))
                text += string.Concat(Several(world, facts, Math.Min(facts.Count, 3), draw).Select(fact => $"\n{fact.Ask(draw)}\n{Answer(draw, world, facts, sentences, fact)}"));
            paragraphs.Add(text);
        }

        return string.Join("\n\n", paragraphs);
    }

    /// <summary>The fact among others: about the same subject, and about other subjects the same and more.</summary>
    private static List<Fact> Surrounded(World world, Fact asked, Draw draw)
    {
        int count = draw.Pick<int>([1, 1, 2, 2, 2, 3]);
        List<List<Fact>> groups = [];
        foreach (Subject subject in world.Subjects(draw, count, asked.Subject))
        {
            if (subject == asked.Subject)
            {
                groups.Add(world.Facts(draw, subject, draw.Between(0, 3), asked));
                continue;
            }

            List<Fact> facts = world.Facts(draw, subject, draw.Between(1, 2));
            // The same trait of another is what a reader mixes up.
            if (draw.Chance(0.6) && facts.All(fact => fact.Trait != asked.Trait))
                facts.Insert(draw.Below(facts.Count), draw.Beside(() => new Fact(subject, asked.Trait, asked.Trait.Value(draw)), fact => fact.Spelling));
            groups.Add(facts);
        }

        return [.. draw.Shuffled(groups).SelectMany(group => group)];
    }

    /// <summary>The text without the fact, so that nothing is said of what is asked.</summary>
    private static List<Fact> Without(World world, List<Fact> facts, Fact asked, Draw draw)
    {
        List<Fact> rest = [.. facts.Where(fact => fact != asked)];
        return rest.Count > 0 ? rest : [asked with { Subject = world.Subjects(draw, 2, asked.Subject)[1] }];
    }

    /// <summary>At most so many of the facts, now and then something else about their subjects, which the text does not say.</summary>
    private static List<Fact> Several(World world, List<Fact> facts, int most, Draw draw) =>
        [.. draw.Several(facts, draw.Between(1, most)).Select(fact => draw.Chance(Missing) ? Unsaid(world, facts, fact.Subject, draw) : fact)];

    private static Fact Unsaid(World world, List<Fact> facts, Subject subject, Draw draw)
    {
        Trait trait = draw.Pick([.. world.Traits.Where(trait => !facts.Any(fact => fact.Subject == subject && fact.Trait == trait))]);
        return new Fact(subject, trait, trait.Value(draw));
    }

    private static string Frame(World world, Draw draw, string text, string question) =>
        (world.IsChinese ? ChineseFrames : Frames).Say(draw, ("text", text), ("question", question)).Replace("\\n", "\n", StringComparison.Ordinal);

    private static string Answer(Draw draw, World world, List<Fact> facts, List<string> sentences, Fact asked)
    {
        string quoted = World.Joined(sentences.Where((_, i) => facts[i].Subject == asked.Subject));
        if (quoted.Length == 0) return $"{Line(world, asked.Subject.Name, Nothing)}{NotThereIn(world)}";
        bool said = facts.Contains(asked);
        return $"{Line(world, asked.Subject.Name, quoted)}{Line(world, asked.Trait.Key, said ? asked.Value : Nothing)}{(said ? asked.Answer(draw) : NotThereIn(world))}";
    }

    /// <summary>A line of a quotation as Markdown writes it.</summary>
    private static string Line(World world, string key, string value) => $"> {key}{(world.IsChinese ? "：" : ": ")}{value}\n";

    private static Check CheckOf(World world, List<Fact> facts, Fact asked) => facts.Contains(asked) ? asked.Check : new TextCheck(NotThereIn(world));

    private static string NotThereIn(World world) => world.IsChinese ? NotThereChinese : NotThere;
}
