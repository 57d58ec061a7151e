namespace Caravan.Tensors.Tests;

/// <summary>One call of an operator with all that is needed to check it.</summary>
internal sealed class OpCase
{
    private readonly Lazy<OpReference> reference;

    public OpCase() => reference = new(() =>
    {
        double[][] x = Values();
        Real[] result = Forward!(x);
        double[] c = [.. Numbers.Normal(new Random(11), result.Length).Select(value => (double)value)];
        return new OpReference(c, result, Backward!(x, c));
    });

    /// <summary>The operator.</summary>
    public required Type Operator { get; init; }

    /// <summary>What is special about this call.</summary>
    public required string Name { get; init; }

    public required OpInput[] Inputs { get; init; }

    /// <summary>Calls the operator.</summary>
    public required Func<Pass, Tensor[], Tensor> Run { get; init; }

    /// <summary>The result from the values of the inputs.</summary>
    public required Func<double[][], Real[]> Forward { get; init; }

    /// <summary>
    /// From the inputs and c, the gradients of Σ c·result for each input; null for one that is not differentiable. A formula that
    /// <see cref="EveryOpTests"/> confirms by central differences of <see cref="Forward"/>.
    /// </summary>
    public required Func<double[][], double[], Real[]?[]> Backward { get; init; }

    /// <summary>Too large for central differences: there only to be shared among threads, or to fill every kind of loop.</summary>
    public bool Large { get; init; }

    /// <summary>What every device must compute; worked out once.</summary>
    public OpReference Reference => reference.Value;

    /// <summary>The values of all inputs, the caller's to change.</summary>
    public double[][] Values() => [.. Inputs.Select(input => input.Values.ToArray())];

    public override string ToString() => $"{Operator.Name} {Name}";
}

/// <summary>The result of a case, and the gradients of Σ c·result for random <paramref name="C"/>.</summary>
internal sealed record OpReference(double[] C, Real[] Result, Real[]?[] Gradients);
