namespace Caravan.Training;

/// <summary>
/// How many directions may be open at a step (Zhang et al. 2023, "AdaLoRA", eq. 12): the first ones for a while, then fewer by a cubic curve, then the
/// last number until the end.
/// </summary>
/// <param name="First">Directions at the beginning, in all layers together.</param>
/// <param name="Last">Directions at the end.</param>
/// <param name="WarmUp">Steps before the first direction is closed.</param>
/// <param name="Settled">Steps at the end in which none is closed or opened any more.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Every">Steps between two choices.</param>
internal sealed record AdaLoraBudget(int First, int Last, int WarmUp, int Settled, int Steps, int Every)
{
    /// <summary>The step whose choice stays.</summary>
    public int LastChoice => Math.Max(WarmUp + 1, Steps - Settled);

    /// <summary>Directions that may be open after a step.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    public int At(int step)
    {
        if (step <= WarmUp) return First;
        if (step >= LastChoice) return Last;
        double left = 1 - ((double)(step - WarmUp) / (LastChoice - WarmUp));
        return (int)(Last + ((First - Last) * left * left * left));
    }

    /// <summary>Whether directions are chosen after a step.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    public bool Chooses(int step) => step > WarmUp && (step == LastChoice || (step < LastChoice && step % Every == 0));
}
