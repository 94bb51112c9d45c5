"""What a good engineer writes in a day: a month of plain medical claims to four Parquet tables with Polars.

usage: peer_polars.py RECEIPTC.UKE OUT [PROCESSES]

Two processes over pieces cut at claim boundaries, only the fields that are needed, zstd 1. No checks, no rejects, no
corrections, no originals, no commit.
"""

import os
import sys
from multiprocessing import Pool

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import polars as pl  # noqa: E402

from pieces import cut, read  # noqa: E402


def fields(frame: pl.DataFrame, ids: list[str], n: int, names: dict[str, int]) -> pl.DataFrame:
    """The named fields of some records; a line is split into n parts, the rest stays unsplit."""
    part = frame.filter(pl.col("id").is_in(ids))
    part = part.with_columns(pl.col("line").str.splitn(",", n + 1).struct.rename_fields([f"f{i}" for i in range(n + 1)]).alias("f"))
    cols = [pl.col("f").struct.field(f"f{i}").alias(name) for name, i in names.items()]
    return part.select("claim", "id", *cols)


def work(args: tuple[str, str, int, tuple[int, int]]) -> tuple[int, int, int, int]:
    path, out, no, piece = args
    text = read(path, piece).decode("cp932", "replace")
    frame = pl.DataFrame({"line": text.split("\r\n")})
    frame = frame.with_columns(pl.col("line").str.slice(0, 2).alias("id"))
    frame = frame.with_columns((pl.col("id") == "RE").cum_sum().alias("claim")).filter(pl.col("claim") > 0)

    re = fields(frame, ["RE"], 7, {"receipt_no": 1, "receipt_type": 2, "service_month": 3, "name": 4, "sex": 5, "birth_date": 6}).drop("id")
    ho = fields(frame, ["HO"], 6, {"insurer_no": 1, "kigo": 2, "bango": 3, "days": 4, "points": 5}).drop("id")
    claims = re.join(ho, on="claim", how="left").with_columns(pl.col("days", "points").cast(pl.Int64, strict=False))
    diagnoses = fields(frame, ["SY"], 7, {"disease_code": 1, "start_date": 2, "outcome": 3, "modifiers": 4, "name": 5, "main": 6})
    lines = fields(frame, ["SI", "IY", "TO"], 8, {"category": 1, "burden_class": 2, "code": 3, "quantity": 4, "points": 5, "times": 6, "f7": 7})
    # TO has points and times in the same places; quantity likewise
    lines = lines.drop("f7").with_columns(
        pl.when(pl.col("category") == "").then(None).otherwise(pl.col("category")).forward_fill().over("claim").alias("category"),
        pl.col("points", "times").cast(pl.Int64, strict=False),
        pl.col("quantity").cast(pl.Float64, strict=False),
    )
    comments = fields(frame, ["CO"], 5, {"category": 1, "code": 3, "text": 4})
    details = fields(frame, ["SJ"], 3, {"category": 1, "text": 2}).with_columns(pl.lit("").alias("code")).select("claim", "id", "category", "code", "text")
    comments = pl.concat([comments, details])
    for name, table in (("claims", claims), ("diagnoses", diagnoses), ("lines", lines), ("comments", comments)):
        table.write_parquet(f"{out}/{name}-{no:04}.parquet", compression="zstd", compression_level=1, statistics=True)
    return claims.height, diagnoses.height, lines.height, comments.height


def main(path: str, out: str, processes: int) -> None:
    os.makedirs(out, exist_ok=True)
    jobs = [(path, out, i, piece) for i, piece in enumerate(cut(path))]
    with Pool(processes) as pool:
        done = pool.map(work, jobs, chunksize=1)
    print(dict(zip(("claims", "diagnoses", "lines", "comments"), (sum(c) for c in zip(*done)))))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 2)
