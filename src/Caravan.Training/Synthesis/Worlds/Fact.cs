namespace Caravan.Training.Synthesis;

/// <summary>One trait of one subject.</summary>
internal sealed record Fact(Subject Subject, Trait Trait, string Value)
{
    /// <summary>As it is spelled where splits are told apart.</summary>
    public string Spelling => $"{Subject.Name}|{Trait.Key}|{Value}";

    /// <summary>A sentence that begins with the name, or the pronoun where the sentence before was about the same.</summary>
    public string Say(Draw draw, bool again = false)
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
