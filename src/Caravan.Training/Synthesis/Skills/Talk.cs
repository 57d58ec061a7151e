namespace Caravan.Training.Synthesis;

/// <summary>Small talk: greetings, who the model is, what Caravan is and which commands it has; and saying so where it does not know.</summary>
internal sealed class Talk : Skill
{
    private static readonly Phrase Politeness = "{ask}\n{ask}\n{ask}\n(hi|hello|hey), {ask}\n{bare}, please\n(ok|okay|so|and|well), {ask}\n(tell me|I want to know|can you tell me|I wonder|may I ask): {ask}";

    public override string Name => "talk";

    public override string Summary => "Talks about itself, about Caravan and its commands, and says so when it does not know.";

    public override double Weight => 0.08;

    public override void Converse(Conversation conversation, Draw draw)
    {
        for (int i = draw.Pick<int>([1, 1, 1, 2, 3]); i > 0; i--)
        {
            (string question, string answer, Check check) = Exchange(draw);
            conversation.Ask(question);
            conversation.Answer(answer, check);
        }
    }

    public override string Text(Draw draw)
    {
        List<string> lines = [];
        for (int i = draw.Between(3, 8); i > 0; i--)
        {
            (string question, string answer, _) = Exchange(draw);
            lines.Add($"{question}\n{answer}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>A question of the split, which follows from its letters.</summary>
    private static (string Question, string Answer, Check Check) Exchange(Draw draw)
    {
        IReadOnlyList<Topic> topics = draw.Chance(0.6) ? TopicCatalog.Smalltalk : TopicCatalog.Caravan;
        return draw.Content(() => OneOf(draw, draw.Pick(topics)), content => string.Concat(content.Question.Where(char.IsLetterOrDigit)).ToLowerInvariant());
    }

    private static (string Question, string Answer, Check Check) OneOf(Draw draw, Topic topic)
    {
        string name = Subject.Person(draw).Name, city = Words.City(draw);
        string ask = topic.Asks.Say(draw, ("name", name), ("city", city));
        bool plain = ask[0] > 0x2E80 || ask.Contains(name, StringComparison.Ordinal) || ask.Length < 14;
        if (!plain) ask = Politeness.Say(draw, ("ask", ask), ("bare", ask.TrimEnd('?', '.', '!')));
        string question = ask.Contains(name, StringComparison.Ordinal) ? ask.Capitalized() : draw.Typed(ask.Capitalized());
        return (question, topic.Answers.Say(draw, ("name", name)), new ContainsCheck([.. topic.Words.Select(word => word.Replace("{name}", name, StringComparison.Ordinal))]));
    }
}
