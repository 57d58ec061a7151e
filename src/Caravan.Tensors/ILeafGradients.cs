namespace Caravan.Tensors;

/// <summary>Who lends memory for the gradients of weights while a tape is walked back, and takes each when it is complete.</summary>
internal interface ILeafGradients
{
    /// <summary>Memory of a weight's shape, F32, for its gradient; contents undefined.</summary>
    Tensor Lend(Tensor leaf);

    /// <summary>The gradient of a weight is complete, and no step that is still to be walked back reads the weight.</summary>
    void Complete(Tensor leaf);
}
