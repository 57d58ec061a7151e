namespace Caravan.Tensors;

/// <summary>What an operator must remember to run backwards.</summary>
internal abstract class TapeStep
{
    /// <summary>Adds this operator's gradients; the gradient of its result is complete when this is called.</summary>
    public abstract void Backward(Pass pass);
}
