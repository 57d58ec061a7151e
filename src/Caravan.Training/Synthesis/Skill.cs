namespace Caravan.Training.Synthesis;

/// <summary>Something a small model can be taught by samples that a program makes. A new one is a file in <c>Skills/</c> and a line in <see cref="SkillCatalog"/>.</summary>
internal abstract class Skill
{
    /// <summary>What it is called in files and on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is learnt, in a sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>How often it comes among all skills, relative to the others.</summary>
    public abstract double Weight { get; }

    /// <summary>Adds a question and its answer, or several; the conversation may have others before.</summary>
    public abstract void Converse(Conversation conversation, Draw draw);

    /// <summary>A text of the same world, to learn the language from before there are questions.</summary>
    public abstract string Text(Draw draw);
}
