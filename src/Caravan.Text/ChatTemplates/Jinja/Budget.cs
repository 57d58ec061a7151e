using System.Runtime.CompilerServices;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Counts what a rendering uses up, knows which line it is at, and makes its exceptions.</summary>
internal sealed class Budget
{
    private int depth;
    private long steps;

    /// <summary>The line of the template that is being worked on.</summary>
    public int Line { get; set; } = 1;

    /// <summary>Takes steps from the budget.</summary>
    /// <exception cref="CaravanException">It is used up.</exception>
    public void Step(long count = 1)
    {
        steps += count;
        if (steps > Limits.Steps) throw Fail($"takes more than {Limits.Steps} steps; it loops too often or makes too much text");
    }

    /// <summary>Takes the steps that reading or writing a text costs.</summary>
    /// <exception cref="CaravanException">The text is too long, or the budget is used up.</exception>
    public void Characters(long length)
    {
        if (length > Limits.TextLength) throw Fail($"makes a text of {length} characters; at most {Limits.TextLength} are allowed");
        Step(length / Limits.StepCharacters);
    }

    /// <summary>Takes the steps that looking for a text in another may cost.</summary>
    public void Search(long length, long part) => Step(length * (1 + (part / 64)) / Limits.StepCharacters);

    /// <summary>Adds to a text that is being made.</summary>
    /// <exception cref="CaravanException">It gets too long, or the budget is used up.</exception>
    public void Append(StringBuilder text, string part)
    {
        if ((long)text.Length + part.Length > Limits.TextLength) Characters((long)text.Length + part.Length);
        Characters(part.Length);
        text.Append(part);
    }

    /// <summary>The same text, counted.</summary>
    public string Counted(string text)
    {
        Characters(text.Length);
        return text;
    }

    /// <summary>Goes one level deeper; <see cref="Leave"/> comes back. After an exception the rendering is over, so nobody needs to.</summary>
    /// <exception cref="CaravanException">It is too deep.</exception>
    public void Enter()
    {
        if (++depth > Limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Fail($"goes more than {Limits.Depth} levels deep; a macro calls itself for ever, or a value holds itself");
    }

    /// <summary>Comes back from <see cref="Enter"/>.</summary>
    public void Leave() => depth--;

    /// <summary>The exception for what the template did wrong; the problem goes on from "line N".</summary>
    public CaravanException Fail(string problem) => new($"The chat template, line {Line}, {problem}.");
}
