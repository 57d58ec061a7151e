namespace Caravan.Training.Synthesis;

/// <summary>One trait of one subject.</summary>
internal sealed record Fact(Subject Subject, Trait Trait, string Value)
{
    /// <summary>As it is spelled where splits are told apart.</summary>
    public string Spelling => $"{Subject.Name}|{Trait.Key}|{Value}";

    /// <summary>A sentence: the first about somebody begins with the name, those that follow begin as they like and may have the pronoun.</summary>
    /// <param name="draw">Chooses.</param>
    /// <param name="again">Whether the sentence before was about the same.</param>
    public string Say(Draw draw, bool again = false)
    {
        string said = SayAny(draw, again);
        while (!again && !said.StartsWith(Subject.Name, StringComparison.OrdinalIgnoreCase)) said = SayAny(draw, again);
        return said;
    }

    private string SayAny(Draw draw, bool again)
    {
        bool pronoun = again && Subject.Pronoun.Length > 0 && draw.Chance(0.6);
        string who = pronoun ? Subject.Pronoun : Subject.Name;
        return Trait.Says.Say(draw, ("who", who), ("whose", pronoun && Subject.Possessive.Length > 0 ? Subject.Possessive : Owner(who)), ("value", Value), ("a", Value.WithArticle())).Capitalized();
    }

    /// <summary>A question for it.</summary>
    public string Ask(Draw draw) => Trait.Asks.Say(draw, ("who", Subject.Name), ("whose", Owner(Subject.Name))).Capitalized();

    /// <summary>The answer.</summary>
    public string Answer(Draw draw) => Trait.Answers.Say(draw, ("who", Subject.Name), ("whose", Owner(Subject.Name)), ("value", Value), ("a", Value.WithArticle())).Capitalized();

    /// <summary>What a right answer has.</summary>
    public Check Check => Trait.IsNumber ? new NumberCheck(Value) : new ContainsCheck(Value);

    private static string Owner(string name) => name[^1] > 0x2E80 ? name + "的" : name + "'s";
}
