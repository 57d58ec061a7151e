using System.Text.Json.Nodes;
using Caravan.Models;

namespace Caravan.Training;

/// <summary>
/// A head that says what is still to be won, and what becomes of the scores of answers before it learns them: normalized and clipped, less the price of
/// leaving the reference model, as advantages.
/// </summary>
/// <param name="model">The model whose rows the head reads.</param>
/// <param name="options">How scores become advantages.</param>
/// <param name="name">What it judges: <c>reward</c> or <c>cost</c>.</param>
/// <param name="priceShare">The share of the price of leaving that it pays; below 0 where leaving adds.</param>
internal sealed class Critic(Model model, PpoOptions options, string name, double priceShare) : IDisposable
{
    private readonly ScoreNormalization normalization = new(options.RewardLimit ?? double.PositiveInfinity);
    private readonly KlShapedRewards shaping = new(options.KlEstimator);
    private readonly GeneralizedAdvantage advantage = new(options.Discount, options.Lambda);

    /// <summary>What says it.</summary>
    public ScoreHead Head { get; } = new(model, $"{name}.value.weight");

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Makes scores into what the critic and the policy learn from.</summary>
    /// <param name="scores">One for each answer.</param>
    public double[] Prepared(double[] scores)
    {
        double[] prepared = [.. scores];
        if (options.NormalizesRewards) normalization.Apply(prepared);
        else if (options.RewardLimit is { } limit) prepared = [.. scores.Select(score => Math.Clamp(score, -limit, limit))];
        return prepared;
    }

    /// <summary>The advantages of the tokens of an answer.</summary>
    /// <param name="score">What the answer is worth.</param>
    /// <param name="old">log π of each token.</param>
    /// <param name="reference">The same of the reference model; empty without one.</param>
    /// <param name="values">What the critic said before each.</param>
    /// <param name="price">Of a nat.</param>
    public (double[] Advantages, ValueEstimates Estimates) Estimate(double score, double[] old, double[] reference, double[] values, double price)
    {
        double[] rewards = reference.Length == 0 ? shaping.Of(old, old, score, 0) : shaping.Of(old, reference, score, priceShare * price);
        double[] advantages = new double[old.Length], returns = new double[old.Length];
        advantage.Estimate(rewards, values, advantages, returns);
        return (advantages, new ValueEstimates(values, returns));
    }

    /// <summary>What it knows of scores so far.</summary>
    public JsonObject Save() => new() { ["count"] = normalization.Count, ["mean"] = normalization.Mean, ["squares"] = normalization.SquaredDistances };

    /// <summary>Goes to where <see cref="Save"/> was called.</summary>
    public void Restore(JsonObject state) =>
        (normalization.Count, normalization.Mean, normalization.SquaredDistances) = ((long)state["count"]!, (double)state["mean"]!, (double)state["squares"]!);

    /// <summary>Frees the head.</summary>
    public void Dispose() => Head.Dispose();
}
