using Caravan.Models;

namespace Caravan.Inference;

/// <summary>Says why a row of logits gives no token.</summary>
internal static class LogitFaults
{
    /// <summary>The sentence for a fault; looks through the weights for the one that is broken.</summary>
    public static CaravanException Explain(Model model, SamplingFault fault)
    {
        if (fault == SamplingFault.NothingAllowed)
            return new CaravanException("Every token was forbidden at this place; loosen the logit bias or the constraints.");
        return model.FindNonFiniteWeight() is { } name
            ? new CaravanException($"'{model.Path}': the weight '{name}' holds NaN or infinity, and so do the logits; download or convert the model again.")
            : new CaravanException($"'{model.Path}' computed logits that are no finite numbers although all its weights are finite; please report the model.");
    }
}
