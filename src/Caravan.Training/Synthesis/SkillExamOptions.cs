using Caravan.Inference;

namespace Caravan.Training.Synthesis;

/// <summary>How a model is asked.</summary>
internal sealed record SkillExamOptions
{
    /// <summary>How many answers it gives to each question.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>Temperature of the answers; 0, the default, takes the most probable token.</summary>
    public double Temperature { get; init; }

    /// <summary>What chance follows from, where the temperature leaves something to it.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Whether answers that must be JSON are held to the schema of what is asked for.</summary>
    public bool Constrained { get; init; }

    /// <summary>What computes the answers.</summary>
    public EngineOptions Engine { get; init; } = new();
}
