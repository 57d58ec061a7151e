namespace Caravan.Training.Synthesis;

/// <summary>A kind of subject with what may be said of it. Everything known about one subject is drawn together.</summary>
/// <param name="Name">Such as <c>person</c>.</param>
/// <param name="Subject">Draws one.</param>
/// <param name="Traits">What may be said of it.</param>
internal sealed record World(string Name, Func<Draw, Subject> Subject, IReadOnlyList<Trait> Traits)
{
    /// <summary>Whether its sentences are Chinese.</summary>
    public bool IsChinese { get; init; }

    /// <summary>A fact about anybody, to ask for.</summary>
    public Fact Asked(Draw draw) => draw.Content(
        () =>
        {
            Trait trait = draw.Pick(Traits);
            return new Fact(Subject(draw), trait, trait.Value(draw));
        },
        fact => fact.Spelling);

    /// <summary>Some facts about a subject, to stand beside, with one that is given among them.</summary>
    public List<Fact> Facts(Draw draw, Subject subject, int count, Fact? given = null)
    {
        IEnumerable<Trait> traits = draw.Several(Traits, Math.Min(count, Traits.Count)).Where(trait => trait != given?.Trait);
        List<Fact> facts = [.. traits.Select(trait => draw.Beside(() => new Fact(subject, trait, trait.Value(draw)), fact => fact.Spelling))];
        if (given is not null) facts.Insert(draw.Below(facts.Count + 1), given);
        return facts;
    }

    /// <summary>Different subjects; the first may be given.</summary>
    public List<Subject> Subjects(Draw draw, int count, Subject? first = null)
    {
        List<Subject> subjects = first is null ? [] : [first];
        while (subjects.Count < count)
        {
            Subject next = Subject(draw);
            // No name is part of another, so that every question has one answer.
            if (subjects.All(subject => !WordsOf(subject).Intersect(WordsOf(next)).Any())) subjects.Add(next);
        }

        return subjects;
    }

    private static IEnumerable<string> WordsOf(Subject subject) => subject.Name.ToLowerInvariant().Split([' ', '"'], StringSplitOptions.RemoveEmptyEntries).Where(word => word != "the");

    /// <summary>A sentence for each fact; those about the same subject may go on with a pronoun.</summary>
    public static List<string> Sentences(Draw draw, IReadOnlyList<Fact> facts) =>
        [.. facts.Select((fact, i) => fact.Say(draw, again: i > 0 && facts[i - 1].Subject == fact.Subject))];

    /// <summary>Sentences one after another.</summary>
    public static string Joined(IEnumerable<string> sentences) =>
        sentences.Aggregate("", (text, sentence) => text.Length > 0 && text[^1] < 0x2E80 ? $"{text} {sentence}" : text + sentence);
}
